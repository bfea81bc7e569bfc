// The calls to the server that the page makes.

import { type Listing, readListing, readSessions, type Session } from './model';
import { readRelays, readSharedObjects, type Relay, type SharedObject } from './neighbours';

/** An answer, and how far the server's clock is ahead of this browser's, in milliseconds. */
export interface Answer<T> {
  value: T;
  clockAhead: number;
}

const kPatienceMs = 5000;
const kClockNoiseMs = 2000;

async function ask(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
  const patience = new AbortController();
  const giveUp = () => patience.abort();
  const timer = setTimeout(giveUp, kPatienceMs);
  signal.addEventListener('abort', giveUp);
  try {
    const response = await fetch(path, { cache: 'no-store', ...init, signal: patience.signal });
    if (!response.ok) {
      throw new Error(`the server answered ${response.status}`);
    }
    return response;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

/**
 * How far the clock behind an HTTP Date header is ahead of `now`. The header has whole seconds, so a small
 * difference says nothing and counts as none.
 */
export function clockAhead(date: string | null, now: number): number {
  const then = date === null ? Number.NaN : Date.parse(date);
  const ahead = then - now;
  return Number.isNaN(ahead) || Math.abs(ahead) < kClockNoiseMs ? 0 : ahead;
}

async function read<T>(path: string, reader: (json: unknown) => T, signal: AbortSignal): Promise<Answer<T>> {
  const response = await ask(path, {}, signal);
  const value = reader(await response.json());
  return { value, clockAhead: clockAhead(response.headers.get('date'), Date.now()) };
}

export function getListing(signal: AbortSignal): Promise<Answer<Listing>> {
  return read('api/v1/streams', readListing, signal);
}

export function getSessions(signal: AbortSignal): Promise<Answer<Session[]>> {
  return read('api/v1/sessions', readSessions, signal);
}

export function getRelays(signal: AbortSignal): Promise<Answer<Relay[]>> {
  return read('api/v1/relays', readRelays, signal);
}

export function getSharedObjects(signal: AbortSignal): Promise<Answer<SharedObject[]>> {
  return read('api/v1/shared_objects', readSharedObjects, signal);
}

/** Disconnects a session. */
export async function deleteSession(id: string): Promise<void> {
  await ask(`api/v1/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' }, new AbortController().signal);
}
