import { expect, test } from 'vitest';
import { hashOf, parseRoute, type Route } from '../src/route';
import { ffmpegFile, ffmpegTest, mediaUrl, obsSettings, rtmpUrl } from '../src/urls';

test.each<[string, Route]>([
  ['', { page: 'list' }],
  ['#/', { page: 'list' }],
  ['#/nonsense/x', { page: 'list' }],
  ['#/play/', { page: 'list' }],
  ['#/help', { page: 'help' }],
  ['#/stream/live/cam', { page: 'stream', name: 'live/cam' }],
  ['#/play/live/cam', { page: 'play', name: 'live/cam', via: 'flv' }],
  ['#/play/live/cam?via=ws', { page: 'play', name: 'live/cam', via: 'ws' }],
  ['#/play/live/cam?via=hls', { page: 'play', name: 'live/cam', via: 'hls' }],
  ['#/play/live/cam?via=odd', { page: 'play', name: 'live/cam', via: 'flv' }],
  ['#/play/a/b/c%3Fd?via=flv', { page: 'play', name: 'a/b/c?d', via: 'flv' }],
  ['#/stream/live/50%', { page: 'stream', name: 'live/50%' }],
])('%s leads to %o', (hash, route) => expect(parseRoute(hash)).toEqual(route));

test('an address is read as it was written, whatever the name holds', () => {
  for (const name of ['live/cam', 'a/b/c', 'live/ä b', 'live/what?#&%', 'live/1+1']) {
    for (const via of ['flv', 'ws', 'hls'] as const) {
      expect(parseRoute(hashOf({ page: 'play', name, via }))).toEqual({ page: 'play', name, via });
    }
    expect(parseRoute(hashOf({ page: 'stream', name }))).toEqual({ page: 'stream', name });
  }
});

test('media is fetched from beside the page, with TLS where the page has it', () => {
  expect(mediaUrl('http://host:8080/#/play/x', 'live/cam', 'flv')).toBe('http://host:8080/live/cam.flv');
  expect(mediaUrl('http://host:8080/', 'live/cam', 'ws')).toBe('ws://host:8080/live/cam.flv');
  expect(mediaUrl('https://host/', 'live/cam', 'ws')).toBe('wss://host/live/cam.flv');
  expect(mediaUrl('https://host/tv/', 'live/c?m', 'flv')).toBe('https://host/tv/live/c%3Fm.flv');
});

test('publishing goes to the host that the page came from', () => {
  expect(rtmpUrl('http://example.net:8080/', 'live/cam')).toBe('rtmp://example.net:1935/live/cam');
  expect(rtmpUrl('http://[::1]:8080/', 'live/cam', 11935)).toBe('rtmp://[::1]:11935/live/cam');
  expect(obsSettings('http://h/', 'a/b/cam')).toEqual({ server: 'rtmp://h:1935/a/b', key: 'cam' });
  expect(ffmpegFile('http://h/', 'live/cam')).toMatch(/^ffmpeg -re .* -f flv rtmp:\/\/h:1935\/live\/cam$/);
  expect(ffmpegTest('http://h/', 'live/cam', 2000)).toMatch(/^ffmpeg -re .* -f flv rtmp:\/\/h:2000\/live\/cam$/);
});
