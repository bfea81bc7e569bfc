// What the server's API tells, in the API's own words. Bit rates are bits per second, durations seconds, times RFC 3339.

import { count, list, maybe, object, text } from './json';

export interface Publisher {
  id: string;
  protocol: string;
  remote: string;
  since: string;
}

export interface Track {
  kind: string;
  codec: string;
  width: number;
  height: number;
  fps: number;
  sample_rate: number;
  channels: number;
  bitrate: number;
  id?: number | undefined; // among its kind; not there for the default track
  dynamic_range?: string | undefined; // hdr10, hlg, sdr
  channel_layout?: string | undefined;
}

/** A track that a viewer does not get. */
export interface LeftOut {
  kind: string;
  id: number;
  codec: string;
  reason: string;
}

export interface Stream {
  name: string;
  state: string;
  publisher: Publisher | null;
  backup: Publisher | null; // held in reserve
  takeovers: number; // times that the one in reserve went on air
  tracks: Track[];
  viewers: number;
  bytes_in: number;
  bytes_out: number;
  gop_seconds: number | null;
  warnings: string[];
}

export interface Session {
  id: string;
  protocol: string;
  role: string;
  stream: string;
  remote: string;
  since: string;
  bytes_in: number;
  bytes_out: number;
  lag_seconds: number | null;
  state: string;
  skips: number;
  drops: Record<string, number>;
  reason: string;
  left_out: LeftOut[];
}

function readPublisher(value: unknown): Publisher | null {
  const from = object(value);
  if (Object.keys(from).length === 0) {
    return null;
  }
  return { id: text(from.id), protocol: text(from.protocol), remote: text(from.remote), since: text(from.since) };
}

function readTrack(value: unknown): Track {
  const from = object(value);
  return {
    kind: text(from.kind),
    codec: text(from.codec),
    width: count(from.width),
    height: count(from.height),
    fps: count(from.fps),
    sample_rate: count(from.sample_rate),
    channels: count(from.channels),
    bitrate: count(from.bitrate),
    id: count(from.id) || undefined,
    dynamic_range: text(object(from.colour).dynamic_range) || undefined,
    channel_layout: text(from.channel_layout) || undefined,
  };
}

function readLeftOut(value: unknown): LeftOut {
  const from = object(value);
  return { kind: text(from.kind), id: count(from.id), codec: text(from.codec), reason: text(from.reason) };
}

function readStream(value: unknown): Stream {
  const from = object(value);
  return {
    name: text(from.name),
    state: text(from.state),
    publisher: readPublisher(from.publisher),
    backup: readPublisher(from.backup),
    takeovers: count(from.takeovers),
    tracks: list(from.tracks).map(readTrack),
    viewers: count(from.viewers),
    bytes_in: count(from.bytes_in),
    bytes_out: count(from.bytes_out),
    gop_seconds: maybe(from.gop_seconds) || null, // 0 before there were two key frames
    warnings: list(from.warnings).map(text).filter(Boolean),
  };
}

/** Drops by what was dropped: an object of counts, or one bare count. */
function readDrops(value: unknown): Record<string, number> {
  if (typeof value === 'number') {
    return value > 0 ? { dropped: value } : {};
  }
  const counted = Object.entries(object(value)).map(([what, n]) => [what, count(n)] as const);
  return Object.fromEntries(counted.filter(([, n]) => n > 0));
}

function readSession(value: unknown): Session {
  const from = object(value);
  return {
    id: text(from.id),
    protocol: text(from.protocol),
    role: text(from.role),
    stream: text(from.stream),
    remote: text(from.remote),
    since: text(from.since),
    bytes_in: count(from.bytes_in),
    bytes_out: count(from.bytes_out),
    lag_seconds: maybe(from.lag_seconds),
    state: text(from.state),
    skips: count(from.skips),
    drops: readDrops(from.drops),
    reason: text(from.reason),
    left_out: list(from.tracks_left_out).map(readLeftOut),
  };
}

/** An answer to GET /api/v1/streams. */
export interface Listing {
  streams: Stream[];
  rtmpPort: number | null; // where the server listens for RTMP, when it says
}

/** The listing of an answer, by name; streams without a name are left out. */
export function readListing(value: unknown): Listing {
  const from = object(value);
  const streams = list(from.streams).map(readStream);
  return {
    streams: streams.filter((stream) => stream.name !== '').sort((a, b) => a.name.localeCompare(b.name)),
    rtmpPort: maybe(object(from.ports).rtmp),
  };
}

/** The sessions of an answer to GET /api/v1/sessions, publishers first, then in the order of their coming. */
export function readSessions(value: unknown): Session[] {
  const rank = (session: Session) => (session.role === 'publisher' ? 0 : 1);
  return list(object(value).sessions)
    .map(readSession)
    .filter((session) => session.id !== '')
    .sort((a, b) => rank(a) - rank(b) || a.since.localeCompare(b.since) || a.id.localeCompare(b.id));
}
