// What the player is doing, and what to say about it. No browser in here: all of it can be tested.

export type Phase = 'loading' | 'playing' | 'buffering' | 'waiting' | 'blocked' | 'failed' | 'stopped';

/** What the page shows of a player. */
export interface PlayerView {
  phase: Phase;
  message: string; // what went wrong and what to do; empty while all is well
  notice: string; // what is left out of the picture, such as a track that cannot be played
  lag: number | null; // seconds of media that are here and not yet shown
  dropped: number; // frames that the browser did not show
}

export const kPhaseWords: Readonly<Record<Phase, string>> = {
  loading: 'Connecting',
  playing: 'Playing',
  buffering: 'Waiting for data',
  waiting: 'Trying again',
  blocked: 'Press play',
  failed: 'Cannot play',
  stopped: 'Stopped',
};

/** One look at the video element. */
export interface Glimpse {
  time: number; // where it plays, seconds
  end: number | null; // up to where there is media, seconds
  at: number; // when we looked, ms
}

export interface Motion {
  time: number;
  movedAt: number; // when the picture last moved, ms
}

const kStillMs = 1500;
const kSilentMs = 8000;

export function lagOf(look: Glimpse): number | null {
  return look.end === null ? null : Math.max(0, look.end - look.time);
}

/** Whether the picture moves. It stands still when it has not moved for a while, and is silent when that lasts. */
export function watch(motion: Motion, look: Glimpse): { motion: Motion; pace: 'moving' | 'still' | 'silent' } {
  const next = look.time === motion.time ? motion : { time: look.time, movedAt: look.at };
  const stood = look.at - next.movedAt;
  return { motion: next, pace: stood < kStillMs ? 'moving' : stood < kSilentMs ? 'still' : 'silent' };
}

export const kSilence = 'No data has come for a while. See whether the publisher still sends; the picture goes on by itself when it does.';
export const kEnded = 'The stream has ended. The player goes on by itself when it is published again.';
export const kBlocked = 'The browser wants a click before it plays.';
export const kNoMse =
  'This browser has no Media Source Extensions, which playing in a page needs. Use a current Chrome, Firefox, Edge or Safari, or a player such as VLC.';

export interface Trouble {
  message: string;
  again: boolean; // whether trying again may help
}

const kElsewhere = 'Publish H.264 with AAC to reach every browser, or watch in a player such as VLC.';

function networkTrouble(detail: string, code: number): Trouble {
  if (detail === 'HttpStatusCodeInvalid' && code === 404) {
    return { message: 'Nobody publishes this stream at the moment. Start the publisher; the player goes on by itself.', again: true };
  }
  if (detail === 'HttpStatusCodeInvalid' && (code === 401 || code === 403)) {
    return { message: `The server does not let this page watch the stream (HTTP ${code}). Ask whoever runs it for access.`, again: false };
  }
  if (detail === 'HttpStatusCodeInvalid') {
    return { message: `The server refused the stream (HTTP ${code}). Its log says why.`, again: true };
  }
  if (detail === 'ConnectingTimeout') {
    return { message: 'The server took too long to answer. See whether it is overloaded or behind a slow network.', again: true };
  }
  return { message: 'The connection to the stream broke, or there is no such stream now.', again: true };
}

/** An error of mpegts.js in words that say what to do. */
export function troubleOf(type: string, detail: string, info: { code?: number; msg?: string }): Trouble {
  if (type === 'NetworkError') {
    return networkTrouble(detail, info.code ?? 0);
  }
  const said = info.msg === undefined || info.msg === '' ? '' : ` (${info.msg})`;
  switch (detail) {
    case 'CodecUnsupported':
      return { message: `The player does not know a codec of this stream${said}. ${kElsewhere}`, again: false };
    case 'FormatUnsupported':
    case 'FormatError':
      return { message: `What came is not a good FLV stream${said}. See whether a proxy in between changes it.`, again: true };
    case 'MediaMSEError':
      return { message: `This browser cannot decode the stream${said}. ${kElsewhere}`, again: info.code !== 9 };
    default:
      return { message: `The player stopped${said}.`, again: true };
  }
}

/** A fatal error of hls.js in the same words. */
export function hlsTroubleOf(type: string, details: string, code: number): Trouble {
  if (type === 'networkError') {
    return networkTrouble(code === 0 ? details : 'HttpStatusCodeInvalid', code);
  }
  if (type === 'mediaError') {
    return { message: `This browser cannot decode the stream (${details}). ${kElsewhere}`, again: details !== 'manifestIncompatibleCodecsError' };
  }
  return { message: `The player stopped (${details}).`, again: true };
}
