import { bitrateNow, rateOf, ratesIn } from '../flow';
import { bitrate, bytes, fps, properName, tenths } from '../format';
import type { Live } from '../hooks';
import type { Stream } from '../model';
import { hashOf, type Via } from '../route';
import { WatchHelp } from './help_page';
import { Badge, Tracks, Warnings } from './parts';
import { PlayerPanel } from './player_panel';
import { Relays } from './relays';
import { Sessions } from './sessions';
import { Sparkline } from './sparkline';
import { onAir, Source, videoFps } from './stream_row';

function Facts({ stream, live, now }: { stream: Stream; live: Live; now: number }) {
  const flow = live.flows.get(stream.name);
  return (
    <dl class="facts">
      <dt>Bitrate</dt>
      <dd class="rate">
        <span class="figure">{bitrate(bitrateNow(stream, flow))}</span>
        <Sparkline values={ratesIn(flow)} />
      </dd>
      <dt>Publisher</dt>
      <dd>
        <Source stream={stream} />
      </dd>
      {stream.backup !== null && (
        <>
          <dt>In reserve</dt>
          <dd>
            {properName(stream.backup.protocol)} <span class="quiet remote">{stream.backup.remote}</span>
          </dd>
        </>
      )}
      {stream.takeovers > 0 && (
        <>
          <dt>Takeovers</dt>
          <dd>{stream.takeovers}</dd>
        </>
      )}
      <dt>Tracks</dt>
      <dd>
        <Tracks tracks={stream.tracks} />
      </dd>
      <dt>Frame rate</dt>
      <dd>{fps(videoFps(stream))}</dd>
      <dt>GOP</dt>
      <dd>{tenths(stream.gop_seconds)}</dd>
      <dt>Viewers</dt>
      <dd>{stream.viewers}</dd>
      <dt>In</dt>
      <dd>{bytes(stream.bytes_in)}</dd>
      <dt>Out</dt>
      <dd>
        {bytes(stream.bytes_out)} <span class="quiet">({bitrate(rateOf(flow, 'bytesOut'))})</span>
      </dd>
      <dt>On air</dt>
      <dd>{onAir(stream, now)}</dd>
    </dl>
  );
}

interface Props {
  name: string;
  via: Via | null; // null: the details without the player
  live: Live;
  now: number;
}

/** One stream: its picture when it is to be played, what it is, who watches. */
export function StreamPage({ name, via, live, now }: Props) {
  const stream = live.streams?.find((one) => one.name === name);
  const known = live.streams !== null;
  return (
    <article>
      <div class="page-head">
        <a class="back" href={hashOf({ page: 'list' })}>
          ← Streams
        </a>
        <h1>{name}</h1>
        {known && <Badge state={stream?.state ?? 'not published'} />}
        {via === null && (
          <a class="button" href={hashOf({ page: 'play', name, via: 'flv' })}>
            Play
          </a>
        )}
      </div>
      {stream !== undefined && <Warnings texts={stream.warnings} />}
      <div class={via === null ? 'alone' : 'beside'}>
        {/* The player waits for the list, since what it does depends on the stream's codecs. */}
        {via !== null && (known || live.link.state === 'lost') && <PlayerPanel name={name} via={via} tracks={stream?.tracks ?? []} />}
        <section class="card padded" aria-label="About this stream">
          {stream === undefined ? (
            <p class="quiet">{known ? 'Nobody publishes a stream of this name at the moment.' : 'Asking the server …'}</p>
          ) : (
            <Facts stream={stream} live={live} now={now} />
          )}
        </section>
      </div>
      <Relays stream={name} now={now} />
      <Sessions stream={name} now={now} />
      <section class="card padded">
        <h2>Watch elsewhere</h2>
        <WatchHelp name={name} rtmpPort={live.rtmpPort} />
      </section>
    </article>
  );
}
