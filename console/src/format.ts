// Numbers and names as a person reads them. What is unknown is a dash.

import type { LeftOut, Track } from './model';

export const kUnknown = '–';

function scaled(value: number, units: readonly string[]): string {
  let step = 0;
  let rest = value;
  while (rest >= 999.5 && step < units.length - 1) {
    rest /= 1000;
    step += 1;
  }
  const digits = step === 0 || rest >= 99.95 ? 0 : rest >= 9.995 ? 1 : 2;
  return `${rest.toFixed(digits)} ${units[step] ?? ''}`;
}

export function bitrate(bits: number | null): string {
  return bits === null ? kUnknown : scaled(bits / 1000, ['kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s']);
}

export function bytes(count: number): string {
  return scaled(count, ['B', 'kB', 'MB', 'GB', 'TB', 'PB']);
}

/** Its two largest units: "45 s", "3 min 05 s", "2 h 14 min", "5 d 3 h". */
export function duration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) {
    return kUnknown;
  }
  const whole = Math.max(0, Math.floor(seconds));
  const [minutes, hours, days] = [Math.floor(whole / 60), Math.floor(whole / 3600), Math.floor(whole / 86400)];
  if (days > 0) {
    return `${days} d ${hours % 24} h`;
  }
  if (hours > 0) {
    return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  }
  return minutes > 0 ? `${minutes} min ${String(whole % 60).padStart(2, '0')} s` : `${whole} s`;
}

/** A short time with its tenths, such as a GOP. */
export function tenths(seconds: number | null): string {
  return seconds === null ? kUnknown : `${seconds.toFixed(1)} s`;
}

/** How far behind live: in milliseconds while that is under a second. */
export function lag(seconds: number | null): string {
  return seconds !== null && seconds < 0.9995 ? `${Math.round(seconds * 1000)} ms` : tenths(seconds);
}

/** Seconds from an RFC 3339 time to `now` (milliseconds); null when it is not a time. */
export function secondsSince(time: string, now: number): number | null {
  const then = Date.parse(time);
  return Number.isNaN(then) ? null : Math.max(0, (now - then) / 1000);
}

export function fps(rate: number): string {
  return rate > 0 ? `${Math.round(rate * 100) / 100} fps` : kUnknown;
}

const kNames: Readonly<Record<string, string>> = {
  h264: 'H.264',
  avc: 'H.264',
  h265: 'HEVC',
  hevc: 'HEVC',
  opus: 'Opus',
  speex: 'Speex',
  vorbis: 'Vorbis',
  eac3: 'E-AC-3',
  ac3: 'AC-3',
  flv: 'HTTP-FLV',
  'http-flv': 'HTTP-FLV',
  ws: 'WebSocket-FLV',
  'ws-flv': 'WebSocket-FLV',
  'websocket-flv': 'WebSocket-FLV',
};

/** A codec or protocol by its usual name. */
export function properName(name: string): string {
  const plain = name.toLowerCase().replaceAll('_', '-');
  return name === '' ? kUnknown : (kNames[plain] ?? name.toUpperCase().replaceAll('_', '-'));
}

/** A state or a counter's name as words: "audio_only" is "audio only". */
export function words(name: string): string {
  return name.replaceAll(/[_-]+/g, ' ').trim();
}

function channels(count: number): string {
  return count === 1 ? 'mono' : count === 2 ? 'stereo' : count === 6 ? '5.1' : count === 8 ? '7.1' : `${count} channels`;
}

/** What a track is, without its name: "1280×720, 25 fps", "44.1 kHz, stereo". */
export function trackDetail(track: Track): string {
  const parts: string[] = [];
  if (track.width > 0 && track.height > 0) {
    parts.push(`${track.width}×${track.height}`);
  }
  if (track.fps > 0) {
    parts.push(fps(track.fps));
  }
  if (track.sample_rate > 0) {
    parts.push(`${Math.round(track.sample_rate / 10) / 100} kHz`);
  }
  if (track.channel_layout !== undefined) {
    parts.push(track.channel_layout);
  } else if (track.channels > 0) {
    parts.push(channels(track.channels));
  }
  if (track.dynamic_range !== undefined && track.dynamic_range !== 'sdr') {
    parts.push(track.dynamic_range.toUpperCase());
  }
  if (track.id !== undefined) {
    parts.push(`track ${track.id}`);
  }
  return parts.join(', ');
}

/** Which tracks a viewer does not get, and why, as sentences. */
export function leftOutText(tracks: readonly LeftOut[]): string[] {
  return tracks.map((track) => `No ${track.kind} ${track.id} (${properName(track.codec)}): ${track.reason}.`);
}

/** What was dropped and how often, as a phrase; empty when nothing was. */
export function dropsText(drops: Readonly<Record<string, number>>, skips: number): string {
  const parts = Object.entries(drops).map(([what, n]) => `${n} ${words(what)}`);
  if (skips > 0) {
    parts.push(`${skips} ${skips === 1 ? 'skip' : 'skips'}`);
  }
  return parts.join(', ');
}
