import { bitrate, bytes, duration, kUnknown, secondsSince } from '../format';
import { useRelays } from '../hooks';
import type { Relay } from '../neighbours';
import { hashOf } from '../route';
import { Badge } from './parts';

const kColumns = ['Stream', 'Other server', 'State', 'Since', 'Bitrate', 'Traffic', 'What went wrong'];

/** "Try 3 in 12 s: connection refused"; empty when nothing went wrong. */
export function troubleText(relay: Relay, now: number): string {
  const wait = relay.nextTry === null ? null : Math.max(0, Math.round((Date.parse(relay.nextTry) - now) / 1000));
  const next = wait === null ? '' : `Try ${relay.attempts + 1} in ${wait} s`;
  const dropped = relay.dropped > 0 ? `${relay.dropped} pictures dropped: the target is too slow` : '';
  return [next, relay.lastError, dropped].filter((part) => part !== '').join(': ');
}

function Row({ relay, now, named }: { relay: Relay; now: number; named: boolean }) {
  const trouble = troubleText(relay, now);
  return (
    <tr role="row" data-relay={relay.id}>
      {named && (
        <th scope="row" role="rowheader">
          <a href={hashOf({ page: 'stream', name: relay.name })}>{relay.name}</a>
        </th>
      )}
      <td role="cell" data-label="Other server">
        {relay.direction === 'pull' ? 'from' : 'to'} <span class="remote">{relay.url}</span>
      </td>
      <td role="cell" data-label="State">
        <Badge state={relay.state} />
      </td>
      <td role="cell" data-label="Since">{duration(secondsSince(relay.since, now))}</td>
      <td role="cell" data-label="Bitrate">{relay.state === 'running' ? bitrate(relay.bitrate) : kUnknown}</td>
      <td role="cell" data-label="Traffic">{bytes(relay.bytes)}</td>
      <td role="cell" data-label="What went wrong" class="why wide">
        {trouble === '' ? <span class="quiet">nothing</span> : <span>{trouble}</span>}
      </td>
    </tr>
  );
}

/** Streams from other servers and to them; nothing when there are none. `stream`: only those of that stream. */
export function Relays({ stream, now }: { stream?: string; now: number }) {
  const relays = useRelays()?.filter((relay) => stream === undefined || relay.name === stream) ?? [];
  if (relays.length === 0) {
    return null;
  }
  const named = stream === undefined;
  return (
    <section class="card" aria-labelledby="relays-title">
      <h2 id="relays-title" class="padded">
        Other servers <span class="quiet">{relays.length}</span>
      </h2>
      <table class="cards-when-narrow relays" role="table">
        <thead role="rowgroup">
          <tr role="row">
            {kColumns.slice(named ? 0 : 1).map((column) => (
              <th key={column} scope="col" role="columnheader">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {relays.map((relay) => (
            <Row key={relay.id} relay={relay} now={now} named={named} />
          ))}
        </tbody>
      </table>
    </section>
  );
}
