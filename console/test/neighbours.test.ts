import { expect, test } from 'vitest';
import { troubleText } from '../src/components/relays';
import { readRelays, readSharedObjects } from '../src/neighbours';

const kRelay = {
  id: 'r1',
  direction: 'push',
  name: 'live/cam',
  url: 'rtmp://example.org/live/cam',
  state: 'waiting',
  since: '2026-01-01T00:00:00Z',
  attempts: 2,
  last_error: 'connection refused',
  next_try: '2026-01-01T00:00:12Z',
  bytes: 10,
  bitrate: 0,
  dropped: 0,
};

test('relays come by stream, what comes in first; what is odd gets a plain default', () => {
  const told = [{ ...kRelay, id: 'r3', name: 'live/dog' }, kRelay, { ...kRelay, id: 'r2', direction: 'pull' }, {}, null];
  expect(readRelays({ relays: told }).map((relay) => relay.id)).toEqual(['r2', 'r1', 'r3']);
  expect(readRelays({ relays: [{ id: 'x', next_try: null, attempts: 'many' }] })[0]).toMatchObject({ nextTry: null, attempts: 0, url: '' });
  expect(readRelays([])).toEqual([]);
});

test('a relay says when it tries again and what went wrong', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const [relay] = readRelays({ relays: [kRelay] });
  expect(troubleText(relay!, now)).toBe('Try 3 in 12 s: connection refused');
  expect(troubleText({ ...relay!, nextTry: null, lastError: '', dropped: 7 }, now)).toBe('7 pictures dropped: the target is too slow');
  expect(troubleText({ ...relay!, nextTry: null, lastError: '' }, now)).toBe('');
});

test('shared objects come by application and name', () => {
  const told = [
    { name: 'b', app: 'live', persistent: true, version: 3, slots: 2, clients: 1 },
    { name: 'a', app: 'live' },
    { app: 'live' },
  ];
  expect(readSharedObjects({ shared_objects: told })).toEqual([
    { name: 'a', app: 'live', persistent: false, version: 0, slots: 0, clients: 0 },
    told[0],
  ]);
});
