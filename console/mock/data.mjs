// A made-up server: what it tells of its streams and sessions at a moment `age` seconds after its start.

const kStart = Date.now();
const ago = (seconds) => new Date(kStart - seconds * 1000).toISOString();

const kStreams = [
  {
    name: 'live/demo', state: 'live', rate: 2_450_000, viewers: 3, up: 7_630, gop: 2,
    publisher: { id: 'p1', protocol: 'rtmp', remote: '127.0.0.1:41234' },
    tracks: [
      { kind: 'video', codec: 'h264', width: 1280, height: 720, fps: 25, bitrate: 2_300_000 },
      { kind: 'audio', codec: 'aac', sample_rate: 48000, channels: 2, bitrate: 128_000 },
    ],
  },
  {
    name: 'live/main-hall', state: 'live', rate: 6_100_000, viewers: 184, up: 93_784, gop: 8.3,
    publisher: { id: 'p2', protocol: 'rtmps', remote: '203.0.113.45:52110' },
    tracks: [
      { kind: 'video', codec: 'h264', width: 1920, height: 1080, fps: 59.94, bitrate: 5_900_000 },
      { kind: 'audio', codec: 'aac', sample_rate: 44100, channels: 2, bitrate: 192_000 },
    ],
    warnings: ['A key frame comes only every 8.3 s: viewers start late. Set the encoder to one every 2 s.'],
  },
  {
    name: 'live/door', state: 'waiting', rate: 0, viewers: 2, up: 0, gop: 1, publisher: null,
    tracks: [{ kind: 'video', codec: 'h265', width: 2560, height: 1440, fps: 15, bitrate: 0 }],
  },
  {
    name: 'radio/one', state: 'live', rate: 128_000, viewers: 41, up: 311, gop: null,
    publisher: { id: 'p4', protocol: 'http-flv', remote: '[2001:db8::17]:60122' },
    tracks: [{ kind: 'audio', codec: 'mp3', sample_rate: 44100, channels: 2, bitrate: 128_000 }],
  },
  {
    name: 'live/old', state: 'live', rate: 700_000, viewers: 0, up: 58, gop: 4,
    publisher: { id: 'p5', protocol: 'rtmp', remote: '198.51.100.7:1066' },
    tracks: [
      { kind: 'video', codec: 'vp6', width: 640, height: 360, fps: 30, bitrate: 600_000 },
      { kind: 'audio', codec: 'speex', sample_rate: 16000, channels: 1, bitrate: 28_000 },
    ],
  },
];

/** Bytes since the start at a rate that sways a little. */
function bytesAt(rate, age, phase) {
  return Math.round((rate / 8) * (age + 0.5 * Math.sin(age / 6 + phase) + 0.04 * Math.sin(age * 1.7 + phase)));
}

export function streamsAt(age) {
  return {
    streams: kStreams.map(({ rate, up, gop, publisher, ...stream }, index) => {
      const bytesIn = bytesAt(rate, up + age, index);
      return {
        ...stream,
        publisher: publisher && { ...publisher, since: ago(up) },
        bytes_in: bytesIn,
        bytes_out: bytesIn * stream.viewers,
        ...(gop === null ? {} : { gop_seconds: gop }),
      };
    }),
  };
}

const kGone = new Set();

export function disconnect(id) {
  kGone.add(id);
}

export function sessionsAt(age) {
  const viewer = (id, protocol, remote, up, more) => ({
    id, protocol, role: 'viewer', stream: 'live/demo', remote, since: ago(up), state: 'playing',
    bytes_in: 3200, bytes_out: bytesAt(2_450_000, up + age, 1), lag_seconds: 0.04, skips: 0, drops: {}, reason: '', ...more,
  });
  const sessions = [
    { id: 'p1', protocol: 'rtmp', role: 'publisher', stream: 'live/demo', remote: '127.0.0.1:41234', since: ago(7630), bytes_in: bytesAt(2_450_000, 7630 + age, 0), bytes_out: 3400, state: 'publishing' },
    viewer('v1', 'rtmp', '192.0.2.10:50314', 3811),
    viewer('v2', 'http-flv', '192.0.2.77:61002', 422, {
      state: 'audio_only', lag_seconds: 1.9, skips: 2, drops: { video_frames: 143 }, reason: 'Reads more slowly than the stream comes; the sound goes on, the picture returns at a key frame.',
    }),
    viewer('v3', 'ws-flv', '[2001:db8::4]:33871', 17),
  ];
  return { sessions: sessions.filter((session) => !kGone.has(session.id)) };
}

export const kRelays = [
  {
    id: 'r1', direction: 'pull', name: 'live/door', url: 'rtmp://192.0.2.4/live/door', state: 'waiting', since: ago(40), attempts: 4,
    last_error: 'connection refused', next_try: ago(-9), bytes: 7_000_000, bitrate: 0, dropped: 0,
  },
  {
    id: 'r2', direction: 'push', name: 'live/main-hall', url: 'rtmps://cdn.example.org/in/hall', state: 'running', since: ago(9000), attempts: 1,
    last_error: '', next_try: null, bytes: 7_200_000_000, bitrate: 6_050_000, dropped: 12,
  },
];

export const kSharedObjects = [{ name: 'chat', app: 'live', persistent: true, version: 418, slots: 12, clients: 31 }];
