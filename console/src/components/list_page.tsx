import { bitrate, kUnknown } from '../format';
import { bitrateNow, rateOf } from '../flow';
import type { Live } from '../hooks';
import { kExampleName, PublishHelp, WatchHelp } from './help_page';
import { Relays } from './relays';
import { SharedObjects } from './shared_objects';
import { StreamRow } from './stream_row';

function Totals({ live }: { live: Live }) {
  const streams = live.streams ?? [];
  const sum = (rates: (number | null)[]) => rates.reduce<number>((total, rate) => total + (rate ?? 0), 0);
  const figures: [string, string][] = [
    ['Streams', String(streams.length)],
    ['Viewers', String(streams.reduce((total, stream) => total + stream.viewers, 0))],
    ['Coming in', bitrate(sum(streams.map((stream) => bitrateNow(stream, live.flows.get(stream.name)))))],
    ['Going out', bitrate(sum(streams.map((stream) => rateOf(live.flows.get(stream.name), 'bytesOut'))))],
  ];
  return (
    <dl class="totals">
      {figures.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{live.streams === null ? kUnknown : value}</dd>
        </div>
      ))}
    </dl>
  );
}

const kColumns = ['Stream', 'Tracks', 'Bitrate', 'Picture', 'Viewers', 'In and out', 'On air'];

function StreamTable({ live, now }: { live: Live; now: number }) {
  return (
    <div class="card">
      <table class="cards-when-narrow streams" role="table">
        <caption class="offscreen">Streams on this server</caption>
        <thead role="rowgroup">
          <tr role="row">
            {kColumns.map((column) => (
              <th key={column} scope="col" role="columnheader">
                {column}
              </th>
            ))}
            <th scope="col" role="columnheader">
              <span class="offscreen">Play</span>
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {live.streams?.map((stream) => (
            <StreamRow key={stream.name} stream={stream} flow={live.flows.get(stream.name)} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function ListPage({ live, now }: { live: Live; now: number }) {
  if (live.streams === null) {
    return <p class="empty quiet">{live.link.state === 'lost' ? 'No answer from the server yet.' : 'Asking the server for its streams …'}</p>;
  }
  if (live.streams.length === 0) {
    return (
      <section class="empty">
        <h1>No streams yet</h1>
        <p class="lead">This server is ready. Send it a stream and it appears here at once.</p>
        <PublishHelp rtmpPort={live.rtmpPort} />
        <section class="card padded">
          <h2>Then watch</h2>
          <p>Click the stream when it appears here, or open one of these in a player such as VLC.</p>
          <WatchHelp name={kExampleName} rtmpPort={live.rtmpPort} />
        </section>
        <Relays now={now} />
        <SharedObjects />
      </section>
    );
  }
  return (
    <>
      <h1 class="offscreen">Streams</h1>
      <Totals live={live} />
      <StreamTable live={live} now={now} />
      <Relays now={now} />
      <SharedObjects />
    </>
  );
}
