import { useSharedObjects } from '../hooks';

const kColumns = ['Shared object', 'Application', 'Kept', 'Version', 'Slots', 'Clients'];

/** The shared objects that clients have open; nothing when there are none. */
export function SharedObjects() {
  const all = useSharedObjects() ?? [];
  if (all.length === 0) {
    return null;
  }
  return (
    <section class="card" aria-labelledby="objects-title">
      <h2 id="objects-title" class="padded">
        Shared objects <span class="quiet">{all.length}</span>
      </h2>
      <table class="cards-when-narrow objects" role="table">
        <thead role="rowgroup">
          <tr role="row">
            {kColumns.map((column) => (
              <th key={column} scope="col" role="columnheader">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {all.map((shared) => (
            <tr key={`${shared.app}/${shared.name}`} role="row">
              <th scope="row" role="rowheader">
                {shared.name}
              </th>
              <td role="cell" data-label="Application">{shared.app}</td>
              <td role="cell" data-label="Kept">{shared.persistent ? 'on disk' : 'in memory'}</td>
              <td role="cell" data-label="Version">{shared.version}</td>
              <td role="cell" data-label="Slots">{shared.slots}</td>
              <td role="cell" data-label="Clients">{shared.clients}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
