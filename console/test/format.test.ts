import { describe, expect, test } from 'vitest';
import { bitrate, bytes, dropsText, duration, fps, kUnknown, lag, leftOutText, properName, secondsSince, tenths, trackDetail, words } from '../src/format';

const track = { kind: 'video', codec: '', width: 0, height: 0, fps: 0, sample_rate: 0, channels: 0, bitrate: 0 };

describe('numbers', () => {
  test.each([
    [null, kUnknown],
    [0, '0 kbit/s'],
    [128_000, '128 kbit/s'],
    [999_499, '999 kbit/s'],
    [999_500, '1.00 Mbit/s'],
    [2_450_000, '2.45 Mbit/s'],
    [12_340_000, '12.3 Mbit/s'],
    [254_000_000, '254 Mbit/s'],
    [1_070_000_000, '1.07 Gbit/s'],
  ])('a bit rate of %s is %s', (bits, shown) => expect(bitrate(bits)).toBe(shown));

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [71_500_000_000, '71.5 GB'],
  ])('%s bytes are %s', (count, shown) => expect(bytes(count)).toBe(shown));

  test.each([
    [null, kUnknown],
    [Number.NaN, kUnknown],
    [-3, '0 s'],
    [45.9, '45 s'],
    [185, '3 min 05 s'],
    [2 * 3600 + 7 * 60 + 59, '2 h 07 min'],
    [26 * 3600, '1 d 2 h'],
  ])('%s seconds are %s', (seconds, shown) => expect(duration(seconds)).toBe(shown));

  test('a lag under a second is in milliseconds, and unknown is not zero', () => {
    expect(lag(0.04)).toBe('40 ms');
    expect(lag(0.9996)).toBe('1.0 s');
    expect(lag(1.94)).toBe('1.9 s');
    expect(lag(null)).toBe(kUnknown);
    expect(tenths(0)).toBe('0.0 s');
    expect(tenths(null)).toBe(kUnknown);
  });

  test('frame rates keep two decimals where they have them', () => {
    expect(fps(25)).toBe('25 fps');
    expect(fps(59.9401)).toBe('59.94 fps');
    expect(fps(0)).toBe(kUnknown);
  });

  test('a time in the future, from a clock ahead of ours, is now', () => {
    expect(secondsSince('2026-01-01T00:00:10Z', Date.parse('2026-01-01T00:01:00Z'))).toBe(50);
    expect(secondsSince('2026-01-01T00:00:10Z', Date.parse('2026-01-01T00:00:00Z'))).toBe(0);
    expect(secondsSince('yesterday', 0)).toBeNull();
  });
});

describe('names', () => {
  test.each([
    ['h264', 'H.264'],
    ['hevc', 'HEVC'],
    ['aac', 'AAC'],
    ['opus', 'Opus'],
    ['rtmp', 'RTMP'],
    ['http_flv', 'HTTP-FLV'],
    ['ws-flv', 'WebSocket-FLV'],
    ['', kUnknown],
  ])('%s is %s', (name, shown) => expect(properName(name)).toBe(shown));

  test('a state is words', () => expect(words('audio_only')).toBe('audio only'));

  test('a track tells what it has and is silent about the rest', () => {
    expect(trackDetail({ ...track, width: 1280, height: 720, fps: 25 })).toBe('1280×720, 25 fps');
    expect(trackDetail({ ...track, sample_rate: 44100, channels: 2 })).toBe('44.1 kHz, stereo');
    expect(trackDetail({ ...track, sample_rate: 48000, channels: 3 })).toBe('48 kHz, 3 channels');
    expect(trackDetail(track)).toBe('');
    expect(trackDetail({ ...track, width: 1280, height: 720, id: 2, dynamic_range: 'hdr10' })).toBe('1280×720, HDR10, track 2');
    expect(trackDetail({ ...track, channels: 6, channel_layout: '5.1', dynamic_range: 'sdr' })).toBe('5.1');
    expect(leftOutText([{ kind: 'video', id: 1, codec: 'h265', reason: 'it asked for track 0' }])).toEqual([`No video 1 (${properName('h265')}): it asked for track 0.`]);
  });

  test('drops and skips are one phrase', () => {
    expect(dropsText({ video_frames: 143, audio: 1 }, 2)).toBe('143 video frames, 1 audio, 2 skips');
    expect(dropsText({}, 1)).toBe('1 skip');
    expect(dropsText({}, 0)).toBe('');
  });
});
