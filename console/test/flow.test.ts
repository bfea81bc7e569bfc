import { expect, test } from 'vitest';
import { sparkPoints } from '../src/components/sparkline';
import { bitrateNow, noteStreams, rateOf, ratesIn, type Flows } from '../src/flow';
import { readListing } from '../src/model';

function streamOf(bytesIn: number, bytesOut = 0, bitrate = 0) {
  const tracks = [{ kind: 'video', codec: 'h264', bitrate }];
  const [stream] = readListing({ streams: [{ name: 'live/cam', bytes_in: bytesIn, bytes_out: bytesOut, tracks }] }).streams;
  if (stream === undefined) {
    throw new Error('the stream has a name and must be read');
  }
  return stream;
}

function flowOf(...bytesIn: number[]) {
  let flows: Flows = new Map();
  bytesIn.forEach((bytes, second) => {
    flows = noteStreams(flows, [streamOf(bytes, bytes * 2)], second * 1000);
  });
  return flows.get('live/cam');
}

test('a rate needs two samples', () => {
  expect(rateOf(undefined, 'bytesIn')).toBeNull();
  expect(rateOf(flowOf(1000), 'bytesIn')).toBeNull();
  expect(rateOf(flowOf(1000, 2000), 'bytesIn')).toBe(8000);
  expect(rateOf(flowOf(1000, 2000), 'bytesOut')).toBe(16000);
});

test('a rate is that of the last three seconds', () => {
  expect(rateOf(flowOf(0, 100_000, 100_000, 101_000, 102_000, 103_000), 'bytesIn')).toBe(8000);
});

test('a rate is known even when the answers come far apart', () => {
  let flows: Flows = noteStreams(new Map(), [streamOf(0)], 0);
  flows = noteStreams(flows, [streamOf(20_000)], 20_000);
  expect(rateOf(flows.get('live/cam'), 'bytesIn')).toBe(8000);
});

test('counters that fell begin a new flow', () => {
  expect(ratesIn(flowOf(1000, 2000, 0, 500))).toEqual([4000]);
});

test('a minute is kept, and a stream that is gone is forgotten', () => {
  expect(ratesIn(flowOf(...Array.from({ length: 90 }, (_, i) => i)))).toHaveLength(60);
  expect(noteStreams(noteStreams(new Map(), [streamOf(1)], 0), [], 1000).size).toBe(0);
});

test('until it is counted, the bit rate is what the tracks say', () => {
  expect(bitrateNow(streamOf(0, 0, 2_000_000), flowOf(0))).toBe(2_000_000);
  expect(bitrateNow(streamOf(0, 0, 2_000_000), flowOf(0, 1000))).toBe(8000);
  expect(bitrateNow(streamOf(0), undefined)).toBeNull();
});

test('the line ends at the right edge and its highest point is at the top', () => {
  const points = sparkPoints([0, 10, 5], 100, 20).split(' ');
  expect(points).toHaveLength(3);
  expect(points[1]?.split(',')[1]).toBe('2.0');
  expect(points[2]).toBe('100.0,10.0');
  expect(sparkPoints([])).toBe('');
});
