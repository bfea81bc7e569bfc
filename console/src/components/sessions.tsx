import { useState } from 'preact/hooks';
import { bytes, dropsText, duration, kUnknown, lag, leftOutText, properName, secondsSince, words } from '../format';
import { useSessions } from '../hooks';
import type { Session } from '../model';
import { Disconnect } from './disconnect';
import { Badge } from './parts';

const kColumns = ['Who', 'Connected', 'State', 'Behind live', 'Traffic', 'Dropped, and why'];

function Row({ session, now, onDisconnect }: { session: Session; now: number; onDisconnect: () => void }) {
  const publishes = session.role === 'publisher';
  const drops = dropsText(session.drops, session.skips);
  return (
    <tr role="row" data-session={session.id}>
      <th scope="row" role="rowheader">
        {properName(session.protocol)} {words(session.role)} <span class="quiet remote">{session.remote}</span>
      </th>
      <td role="cell" data-label="Connected">{duration(secondsSince(session.since, now))}</td>
      <td role="cell" data-label="State">
        <Badge state={session.state === '' && publishes ? 'publishing' : session.state} />
      </td>
      <td role="cell" data-label="Behind live">{publishes ? kUnknown : lag(session.lag_seconds)}</td>
      <td role="cell" data-label="Traffic">{publishes ? `${bytes(session.bytes_in)} in` : `${bytes(session.bytes_out)} out`}</td>
      <td role="cell" data-label="Dropped, and why" class="why wide">
        {drops === '' ? <span class="quiet">{session.reason === '' ? 'nothing' : ''}</span> : <span>{drops}</span>}
        {session.reason !== '' && <span class="quiet">{session.reason}</span>}
        {leftOutText(session.left_out).map((sentence) => (
          <span key={sentence} class="quiet">
            {sentence}
          </span>
        ))}
      </td>
      <td role="cell" class="actions">
        <button type="button" class="small danger" onClick={onDisconnect} aria-label={`Disconnect ${session.remote}`}>
          Disconnect
        </button>
      </td>
    </tr>
  );
}

/** Who publishes and who watches one stream. */
export function Sessions({ stream, now }: { stream: string; now: number }) {
  const all = useSessions();
  const [leaving, setLeaving] = useState<Session | null>(null);
  const sessions = all?.filter((session) => session.stream === stream) ?? [];
  return (
    <section class="card" aria-labelledby="sessions-title">
      <h2 id="sessions-title" class="padded">
        Sessions {all !== null && <span class="quiet">{sessions.length}</span>}
      </h2>
      {sessions.length === 0 ? (
        <p class="quiet padded">{all === null ? 'Asking the server …' : 'Nobody is connected to this stream.'}</p>
      ) : (
        <table class="cards-when-narrow sessions" role="table">
          <thead role="rowgroup">
            <tr role="row">
              {kColumns.map((column) => (
                <th key={column} scope="col" role="columnheader">
                  {column}
                </th>
              ))}
              <th scope="col" role="columnheader">
                <span class="offscreen">Disconnect</span>
              </th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {sessions.map((session) => (
              <Row key={session.id} session={session} now={now} onDisconnect={() => setLeaving(session)} />
            ))}
          </tbody>
        </table>
      )}
      {leaving !== null && <Disconnect session={leaving} onDone={() => setLeaving(null)} />}
    </section>
  );
}
