import { bitrateNow, ratesIn, type Flow } from '../flow';
import { bitrate, bytes, duration, fps, properName, secondsSince, tenths } from '../format';
import type { Stream } from '../model';
import { hashOf } from '../route';
import { Badge, Tracks, Warnings } from './parts';
import { Sparkline } from './sparkline';

/** From where a stream is published, and how. */
export function Source({ stream }: { stream: Stream }) {
  const { publisher } = stream;
  if (publisher === null) {
    return <span class="quiet">No publisher at the moment</span>;
  }
  return (
    <>
      {properName(publisher.protocol)} <span class="quiet remote">{publisher.remote}</span>
    </>
  );
}

export function videoFps(stream: Stream): number {
  return stream.tracks.find((track) => track.kind === 'video')?.fps ?? 0;
}

export function onAir(stream: Stream, now: number): string {
  return duration(stream.publisher === null ? null : secondsSince(stream.publisher.since, now));
}

export function StreamRow({ stream, flow, now }: { stream: Stream; flow: Flow | undefined; now: number }) {
  const play = hashOf({ page: 'play', name: stream.name, via: 'flv' });
  // A click anywhere in the row is a convenience for the mouse; the links in it are for everybody.
  const onClick = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest('a') === null && getSelection()?.isCollapsed !== false) {
      location.hash = play;
    }
  };
  return (
    <tr role="row" class="clickable" onClick={onClick} data-stream={stream.name}>
      <th scope="row" role="rowheader">
        <a class="name" href={play}>
          {stream.name}
        </a>{' '}
        <Badge state={stream.state} />
        <div class="source">
          <Source stream={stream} />
        </div>
        <Warnings texts={stream.warnings} />
      </th>
      <td role="cell" data-label="Tracks" class="wide">
        <Tracks tracks={stream.tracks} />
      </td>
      <td role="cell" data-label="Bitrate" class="rate">
        <span class="figure">{bitrate(bitrateNow(stream, flow))}</span>
        <Sparkline values={ratesIn(flow)} />
      </td>
      <td role="cell" data-label="Picture" class="pair">
        <span>{fps(videoFps(stream))}</span>
        {stream.gop_seconds !== null && <span class="quiet">GOP {tenths(stream.gop_seconds)}</span>}
      </td>
      <td role="cell" data-label="Viewers" class="figure">
        {stream.viewers}
      </td>
      <td role="cell" data-label="In and out" class="pair">
        <span>{bytes(stream.bytes_in)} in</span>
        <span class="quiet">{bytes(stream.bytes_out)} out</span>
      </td>
      <td role="cell" data-label="On air">{onAir(stream, now)}</td>
      <td role="cell" class="actions">
        <a class="button small" href={play} aria-label={`Play ${stream.name}`}>
          Play
        </a>
        <a class="button small ghost" href={hashOf({ page: 'stream', name: stream.name })} aria-label={`Details of ${stream.name}`}>
          Details
        </a>
      </td>
    </tr>
  );
}
