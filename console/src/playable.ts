// What of a stream this browser can play: it must know the codec, and so must mpegts.js in FLV, or the container of HLS.

import { properName } from './format';
import type { Track } from './model';
import type { Via } from './route';

/** What to start the player with, and what to say about what is left out; or why nothing can be played. */
export type Plan =
  | { kind: 'play'; hasVideo?: boolean; hasAudio?: boolean; notice: string }
  | { kind: 'refuse'; why: string };

// The types that mpegts.js asks the browser for. A codec that is not here has no way through FLV in a browser.
const kTypes: Readonly<Record<string, string>> = {
  h264: 'video/mp4; codecs="avc1.42E01E"',
  avc: 'video/mp4; codecs="avc1.42E01E"',
  h265: 'video/mp4; codecs="hvc1.1.6.L93.B0"',
  hevc: 'video/mp4; codecs="hvc1.1.6.L93.B0"',
  av1: 'video/mp4; codecs="av01.0.05M.08"',
  aac: 'audio/mp4; codecs="mp4a.40.2"',
  opus: 'audio/mp4; codecs="opus"',
  flac: 'audio/mp4; codecs="flac"',
};
// What HLS has a way for, and FLV has not.
const kHlsTypes: Readonly<Record<string, string>> = {
  vp9: 'video/mp4; codecs="vp09.00.10.08"',
  ac3: 'audio/mp4; codecs="ac-3"',
  eac3: 'audio/mp4; codecs="ec-3"',
};
const kMp3Types = ['audio/mpeg', 'audio/mp4; codecs="mp3"', 'audio/mp4; codecs="mp4a.69"'];

type Supports = (mimeType: string) => boolean;

function canPlay(track: Track, supports: Supports, via: Via): boolean {
  const codec = track.codec.toLowerCase();
  if (codec === '') {
    return true; // not known yet: the player will find out
  }
  if (codec === 'mp3') {
    return kMp3Types.some(supports);
  }
  const type = kTypes[codec] ?? (via === 'hls' ? kHlsTypes[codec] : undefined);
  return type !== undefined && supports(type);
}

const kAdvice = 'Publish H.264 with AAC to reach every browser, or watch in a player such as VLC.';

/** Decides from a stream's tracks. Without tracks everything is left to the player. */
export function planFor(tracks: readonly Track[], supports: Supports, via: Via = 'flv'): Plan {
  const video = tracks.find((track) => track.kind === 'video');
  const audio = tracks.find((track) => track.kind === 'audio');
  if (video === undefined && audio === undefined) {
    return { kind: 'play', notice: '' };
  }
  const hasVideo = video !== undefined && canPlay(video, supports, via);
  const hasAudio = audio !== undefined && canPlay(audio, supports, via);
  const lost = [hasVideo ? undefined : video, hasAudio ? undefined : audio].filter((track) => track !== undefined);
  const names = lost.map((track) => `${properName(track.codec)} ${track.kind}`).join(' and ');
  if (!hasVideo && !hasAudio) {
    return { kind: 'refuse', why: `This browser cannot play ${names} here. ${kAdvice}` };
  }
  const left = hasVideo ? 'There is a picture without sound' : 'There is sound without a picture';
  return { kind: 'play', hasVideo, hasAudio, notice: names === '' ? '' : `${left}: this browser cannot play ${names} here. ${kAdvice}` };
}

/** Whether this browser's Media Source Extensions take a type. */
export function supports(mimeType: string): boolean {
  type Source = { isTypeSupported(type: string): boolean };
  const found = window as unknown as { MediaSource?: Source; ManagedMediaSource?: Source };
  const source = found.MediaSource ?? found.ManagedMediaSource;
  return source === undefined || source.isTypeSupported(mimeType); // without any, the player itself says so
}
