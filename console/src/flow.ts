// From byte counters, seen once a second, to rates: what a stream carries now, and the line that its last minute draws.

import type { Stream } from './model';

export interface Sample {
  at: number; // ms
  bytesIn: number;
  bytesOut: number;
}

/** A stream's samples, oldest first. */
export type Flow = readonly Sample[];
export type Flows = ReadonlyMap<string, Flow>;

const kKept = 61;
const kWindowMs = 3000;

/** The flows with one more sample of each stream. A stream that is gone is forgotten; one whose counters fell begins anew. */
export function noteStreams(flows: Flows, streams: readonly Stream[], at: number): Flows {
  const next = new Map<string, Flow>();
  for (const stream of streams) {
    const sample = { at, bytesIn: stream.bytes_in, bytesOut: stream.bytes_out };
    const before = flows.get(stream.name) ?? [];
    const last = before[before.length - 1];
    const fell = last !== undefined && (sample.bytesIn < last.bytesIn || sample.bytesOut < last.bytesOut);
    next.set(stream.name, fell ? [sample] : [...before, sample].slice(-kKept));
  }
  return next;
}

function bitsPerSecond(from: number, to: number, ms: number): number {
  return ms > 0 ? ((to - from) * 8000) / ms : 0;
}

/** Bits per second over the last three seconds; null before there are two samples. */
export function rateOf(flow: Flow | undefined, way: 'bytesIn' | 'bytesOut'): number | null {
  const last = flow?.[flow.length - 1];
  if (flow === undefined || last === undefined || flow.length < 2) {
    return null;
  }
  const enough = flow.filter((sample) => last.at - sample.at <= kWindowMs + 500);
  const first = enough.length > 1 ? enough[0] : flow[flow.length - 2];
  return first === undefined ? null : bitsPerSecond(first[way], last[way], last.at - first.at);
}

/** Bits per second that came in between each two samples: the last minute as a line. */
export function ratesIn(flow: Flow | undefined): number[] {
  const rates: number[] = [];
  let before: Sample | undefined;
  for (const sample of flow ?? []) {
    if (before !== undefined) {
      rates.push(bitsPerSecond(before.bytesIn, sample.bytesIn, sample.at - before.at));
    }
    before = sample;
  }
  return rates;
}

/** What a stream brings in now: as counted here or, until there is something to count with, as its tracks say. */
export function bitrateNow(stream: Stream, flow: Flow | undefined): number | null {
  const told = stream.tracks.reduce((sum, track) => sum + track.bitrate, 0);
  return rateOf(flow, 'bytesIn') ?? (told > 0 ? told : null);
}
