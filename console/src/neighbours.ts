// What a server shares with others and between its clients, as its API tells it: relays and shared objects.

import { count, list, object, text } from './json';

/** A stream that comes from another server (pull) or goes to one (push). */
export interface Relay {
  id: string;
  direction: string;
  name: string; // of our stream
  url: string; // without user, password and query
  state: string;
  since: string;
  attempts: number;
  lastError: string;
  nextTry: string | null;
  bytes: number;
  bitrate: number;
  dropped: number; // video frames that a target was too slow for
}

export interface SharedObject {
  name: string;
  app: string;
  persistent: boolean;
  version: number;
  slots: number;
  clients: number;
}

function readRelay(value: unknown): Relay {
  const from = object(value);
  return {
    id: text(from.id),
    direction: text(from.direction),
    name: text(from.name),
    url: text(from.url),
    state: text(from.state),
    since: text(from.since),
    attempts: count(from.attempts),
    lastError: text(from.last_error),
    nextTry: text(from.next_try) || null,
    bytes: count(from.bytes),
    bitrate: count(from.bitrate),
    dropped: count(from.dropped),
  };
}

function readSharedObject(value: unknown): SharedObject {
  const from = object(value);
  return {
    name: text(from.name),
    app: text(from.app),
    persistent: from.persistent === true,
    version: count(from.version),
    slots: count(from.slots),
    clients: count(from.clients),
  };
}

/** The relays of an answer to GET /api/v1/relays: by stream, what comes in before what goes out. */
export function readRelays(value: unknown): Relay[] {
  return list(object(value).relays)
    .map(readRelay)
    .filter((relay) => relay.id !== '')
    .sort((a, b) => a.name.localeCompare(b.name) || a.direction.localeCompare(b.direction) || a.url.localeCompare(b.url));
}

/** The objects of an answer to GET /api/v1/shared_objects, by application and name. */
export function readSharedObjects(value: unknown): SharedObject[] {
  return list(object(value).shared_objects)
    .map(readSharedObject)
    .filter((shared) => shared.name !== '')
    .sort((a, b) => a.app.localeCompare(b.app) || a.name.localeCompare(b.name));
}
