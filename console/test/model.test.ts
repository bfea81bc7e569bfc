import { expect, test } from 'vitest';
import { clockAhead } from '../src/api';
import { readListing, readSessions } from '../src/model';

test('a whole stream is read as the server tells it', () => {
  const told = {
    name: 'live/cam',
    state: 'live',
    publisher: { id: 7, protocol: 'rtmp', remote: '127.0.0.1:1', since: '2026-01-01T00:00:00Z' },
    tracks: [{ kind: 'video', codec: 'h264', width: 1280, height: 720, fps: 25, bitrate: 2_000_000 }],
    viewers: 3,
    bytes_in: 10,
    bytes_out: 30,
    gop_seconds: 2,
    warnings: ['Odd.', 7, ''],
  };
  const [stream] = readListing({ streams: [told] }).streams;
  expect(stream).toEqual({
    ...told,
    publisher: { ...told.publisher, id: '7' },
    backup: null,
    takeovers: 0,
    tracks: [{ ...told.tracks[0], sample_rate: 0, channels: 0 }],
    warnings: ['Odd.', '7'],
  });
});

test('what is missing or odd gets a plain default', () => {
  const bare = { state: '', publisher: null, backup: null, takeovers: 0, tracks: [], viewers: 0, bytes_in: 0, bytes_out: 0, gop_seconds: null, warnings: [] };
  const listing = readListing({ streams: [{ name: 'b', viewers: 'many', tracks: {} }, { name: 'a', publisher: {} }, {}, null, 5] });
  expect(listing).toEqual({ streams: [{ name: 'a', ...bare }, { name: 'b', ...bare }], rtmpPort: null });
  for (const nothing of [null, [], 'x', { streams: {} }]) {
    expect(readListing(nothing).streams).toEqual([]);
    expect(readSessions(nothing)).toEqual([]);
  }
});

test('a GOP of zero seconds is one that is not known yet', () => {
  expect(readListing({ streams: [{ name: 'a', gop_seconds: 0 }] }).streams[0]?.gop_seconds).toBeNull();
});

test('the port of RTMP is taken where it is told', () => {
  expect(readListing({ streams: [], ports: { rtmp: 11935 } }).rtmpPort).toBe(11935);
});

test('sessions stand with the publisher first, then by their time', () => {
  const told = [
    { id: 'v2', role: 'viewer', since: '2026-01-01T00:00:02Z' },
    { id: 'v1', role: 'viewer', since: '2026-01-01T00:00:01Z' },
    { id: 'p', role: 'publisher', since: '2026-01-01T00:00:03Z' },
    { role: 'viewer' },
  ];
  expect(readSessions({ sessions: told }).map((session) => session.id)).toEqual(['p', 'v1', 'v2']);
});

test('drops are counts by name or one bare count', () => {
  const drops = (value: unknown) => readSessions({ sessions: [{ id: 'x', drops: value }] })[0]?.drops;
  expect(drops({ video: 3, audio: 0, odd: 'x' })).toEqual({ video: 3 });
  expect(drops(4)).toEqual({ dropped: 4 });
  expect(drops(0)).toEqual({});
  expect(drops(undefined)).toEqual({});
});

test('a clock is ahead only where a whole-second header can show it', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(clockAhead('Thu, 01 Jan 2026 00:01:00 GMT', now)).toBe(60_000);
  expect(clockAhead('Wed, 31 Dec 2025 23:59:00 GMT', now)).toBe(-60_000);
  expect(clockAhead('Thu, 01 Jan 2026 00:00:01 GMT', now)).toBe(0);
  expect(clockAhead(null, now)).toBe(0);
  expect(clockAhead('soon', now)).toBe(0);
});
