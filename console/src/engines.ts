// The two libraries that play: mpegts.js for FLV and hls.js for HLS. Each is fetched when it is first needed.

import type Mpegts from 'mpegts.js';
import type { Plan } from './playable';
import { hlsTroubleOf, kEnded, kNoMse, troubleOf, type Trouble } from './player_state';
import type { Via } from './route';

/** One attempt at playing a stream; made anew after each trouble. */
export interface Engine {
  destroy(): void;
  /** Goes to the newest picture; `end` is how far media is there, seconds. */
  goLive(video: HTMLVideoElement, end: number): void;
  /** Seconds behind live as the playlist tells them; null when it tells nothing. */
  lag(): number | null;
}

export type OnTrouble = (trouble: Trouble) => void;
type Playable = Plan & { kind: 'play' };

const kNearLive = 0.3; // seconds that are kept in hand against jitter

const kFlvConfig: Mpegts.Config = {
  enableStashBuffer: false,
  lazyLoad: false,
  liveSync: true, // a small lag is made up by playing a little faster,
  liveSyncMaxLatency: 1,
  liveSyncTargetLatency: 0.5,
  liveSyncPlaybackRate: 1.1,
  liveBufferLatencyChasing: true, // a large one by a jump
  liveBufferLatencyMaxLatency: 2.5,
  liveBufferLatencyMinRemain: 0.5,
  autoCleanupSourceBuffer: true,
  autoCleanupMaxBackwardDuration: 30,
  autoCleanupMinBackwardDuration: 10,
};

async function openFlv(video: HTMLVideoElement, url: string, plan: Playable, onTrouble: OnTrouble): Promise<Engine | null> {
  const mpegts = (await import('mpegts.js')).default;
  if (!mpegts.isSupported()) {
    onTrouble({ message: kNoMse, again: false });
    return null;
  }
  mpegts.LoggingControl.applyConfig({ enableVerbose: false, enableDebug: false, enableInfo: false });
  const { hasAudio, hasVideo } = plan;
  const tracks = { ...(hasAudio === undefined ? {} : { hasAudio }), ...(hasVideo === undefined ? {} : { hasVideo }) };
  const engine = mpegts.createPlayer({ type: 'flv', isLive: true, url, ...tracks }, kFlvConfig);
  engine.on(mpegts.Events.ERROR, (type: string, detail: string, info: { code?: number; msg?: string } | undefined) =>
    onTrouble(troubleOf(type, detail, info ?? {})),
  );
  engine.on(mpegts.Events.LOADING_COMPLETE, () => onTrouble({ message: kEnded, again: true }));
  engine.attachMediaElement(video);
  engine.load();
  return {
    destroy: () => engine.destroy(),
    goLive: (element, end) => {
      engine.currentTime = Math.max(element.currentTime, end - kNearLive);
    },
    lag: () => null,
  };
}

async function openHls(video: HTMLVideoElement, url: string, onTrouble: OnTrouble): Promise<Engine | null> {
  const Hls = (await import('hls.js')).default;
  if (!Hls.isSupported()) {
    onTrouble({ message: kNoMse, again: false });
    return null;
  }
  const engine = new Hls({ lowLatencyMode: true, backBufferLength: 30, maxLiveSyncPlaybackRate: 1.1 });
  engine.on(Hls.Events.ERROR, (_event, data) => {
    if (data.fatal) {
      onTrouble(hlsTroubleOf(data.type, data.details, data.response?.code ?? 0));
    }
  });
  const onEnded = () => onTrouble({ message: kEnded, again: true });
  video.addEventListener('ended', onEnded);
  engine.loadSource(url);
  engine.attachMedia(video);
  return {
    destroy: () => {
      video.removeEventListener('ended', onEnded);
      engine.destroy();
    },
    goLive: (element) => {
      element.currentTime = Math.max(element.currentTime, engine.liveSyncPosition ?? element.currentTime);
    },
    lag: () => (engine.latency > 0 ? engine.latency : null),
  };
}

/** Begins to play; null when this browser cannot, which was told. Throws when the library cannot be fetched. */
export function openEngine(video: HTMLVideoElement, url: string, via: Via, plan: Playable, onTrouble: OnTrouble): Promise<Engine | null> {
  return via === 'hls' ? openHls(video, url, onTrouble) : openFlv(video, url, plan, onTrouble);
}
