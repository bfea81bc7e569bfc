// The addresses under which this server is published to and watched, as seen from the page's own address.

import { encodeName, type Via } from './route';

/** Where a server listens for RTMP unless it says otherwise. */
export const kRtmpPort = 1935;

/** Where a stream is fetched from, beside the page at `base`. */
export function mediaUrl(base: string, name: string, via: Via): string {
  const url = new URL(`${encodeName(name)}.${via === 'hls' ? 'm3u8' : 'flv'}`, base);
  if (via === 'ws') {
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  }
  url.hash = '';
  return url.href;
}

export function rtmpUrl(base: string, name: string, port = kRtmpPort): string {
  return `rtmp://${new URL(base).hostname}:${port}/${encodeName(name)}`;
}

/** What OBS asks for: a server and a stream key. */
export function obsSettings(base: string, name: string, port = kRtmpPort): { server: string; key: string } {
  const url = rtmpUrl(base, name, port);
  const slash = url.lastIndexOf('/');
  return { server: url.slice(0, slash), key: url.slice(slash + 1) };
}

export function ffmpegFile(base: string, name: string, port = kRtmpPort): string {
  return `ffmpeg -re -i input.mp4 -c:v libx264 -preset veryfast -tune zerolatency -g 50 -c:a aac -f flv ${rtmpUrl(base, name, port)}`;
}

export function ffmpegTest(base: string, name: string, port = kRtmpPort): string {
  return (
    'ffmpeg -re -f lavfi -i testsrc2=size=1280x720:rate=25 -f lavfi -i sine=frequency=440 ' +
    `-c:v libx264 -preset veryfast -tune zerolatency -pix_fmt yuv420p -g 50 -c:a aac -f flv ${rtmpUrl(base, name, port)}`
  );
}
