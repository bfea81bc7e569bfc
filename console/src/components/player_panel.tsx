import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { tenths } from '../format';
import type { Track } from '../model';
import { planFor, supports } from '../playable';
import { openPlayer, type Player } from '../player';
import { kPhaseWords, type PlayerView } from '../player_state';
import { hashOf, type Via } from '../route';
import { mediaUrl } from '../urls';

const kStart: PlayerView = { phase: 'loading', message: '', notice: '', lag: null, dropped: 0 };
const kWays: readonly [Via, string][] = [
  ['flv', 'HTTP-FLV'],
  ['ws', 'WebSocket-FLV'],
  ['hls', 'HLS'],
];

function WaySwitch({ name, via }: { name: string; via: Via }) {
  return (
    <fieldset class="switch">
      <legend class="offscreen">Play over</legend>
      {kWays.map(([way, label]) => (
        <label key={way}>
          <input
            type="radio"
            name="via"
            value={way}
            checked={via === way}
            onChange={() => location.replace(hashOf({ page: 'play', name, via: way }))}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

function StateLine({ view }: { view: PlayerView }) {
  return (
    <div class="player-line">
      <span id="player-state" class={`phase phase-${view.phase}`} role="status" data-state={view.phase}>
        <span class="dot" aria-hidden="true" />
        {kPhaseWords[view.phase]}
      </span>
      <span title="Media that has come and is not yet shown">
        Behind live <b id="player-lag">{tenths(view.lag)}</b>
      </span>
      <span title="Frames that this browser did not show">
        Dropped <b>{view.dropped}</b>
      </span>
    </div>
  );
}

interface Props {
  name: string;
  via: Via;
  tracks: readonly Track[];
}

export function PlayerPanel({ name, via, tracks }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const player = useRef<Player | null>(null);
  const [view, setView] = useState(kStart);
  const [muted, setMuted] = useState(true);

  // Made anew when a codec changes, not with each poll.
  const codecs = tracks.map((track) => `${track.kind}:${track.codec}`).join(' ');
  const plan = useMemo(() => planFor(tracks, supports, via), [codecs, via]);
  const url = mediaUrl(document.baseURI, name, via);
  const soundOnly = plan.kind === 'play' && plan.hasVideo === false;

  useEffect(() => {
    if (video.current === null) {
      return undefined;
    }
    setView(kStart);
    const opened = openPlayer(video.current, url, via, plan, setView);
    player.current = opened;
    return () => opened.close();
  }, [url, plan]);

  const toggleSound = () => {
    if (video.current !== null) {
      video.current.muted = !muted;
      setMuted(!muted);
    }
  };

  return (
    <section class="card player" aria-label="Player">
      <div class="screen" ref={frame}>
        <video id="player" ref={video} muted autoplay playsInline aria-label={`Live picture of ${name}`} />
        {soundOnly && view.message === '' && <p class="veil">Sound only</p>}
        {view.message !== '' && (
          <div class="veil" role="alert">
            <p>{view.message}</p>
            {view.phase === 'blocked' && (
              <button type="button" onClick={() => player.current?.play()}>
                Play
              </button>
            )}
          </div>
        )}
      </div>
      {view.notice !== '' && <p class="notice">{view.notice}</p>}
      <StateLine view={view} />
      <div class="controls">
        <button type="button" class={muted ? 'small' : 'small ghost'} onClick={toggleSound}>
          {muted ? 'Unmute' : 'Mute'}
        </button>
        <button type="button" class="small ghost" onClick={() => player.current?.goLive()}>
          Jump to live
        </button>
        <button type="button" class="small ghost" onClick={() => void frame.current?.requestFullscreen?.()}>
          Full screen
        </button>
        <a class="button small ghost" href={hashOf({ page: 'stream', name })}>
          Stop
        </a>
        <WaySwitch name={name} via={via} />
      </div>
    </section>
  );
}
