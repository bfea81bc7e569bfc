import { describe, expect, test } from 'vitest';
import { readListing, type Track } from '../src/model';
import { planFor } from '../src/playable';
import { hlsTroubleOf, lagOf, troubleOf, watch } from '../src/player_state';

function tracksOf(...codecs: [string, string][]): Track[] {
  const tracks = codecs.map(([kind, codec]) => ({ kind, codec }));
  return readListing({ streams: [{ name: 'x', tracks }] }).streams[0]?.tracks ?? [];
}

const kOrdinary = (type: string) => /avc1|mp4a\.40\.2|audio\/mpeg/.test(type);

describe('what can be played', () => {
  test('all of an ordinary stream', () => {
    const plan = planFor(tracksOf(['video', 'h264'], ['audio', 'aac']), kOrdinary);
    expect(plan).toEqual({ kind: 'play', hasVideo: true, hasAudio: true, notice: '' });
  });

  test('without tracks the player finds out by itself', () => {
    expect(planFor([], () => false)).toEqual({ kind: 'play', notice: '' });
  });

  test('a codec that is not known yet is tried', () => {
    expect(planFor(tracksOf(['video', '']), () => false)).toMatchObject({ kind: 'play', hasVideo: true, hasAudio: false, notice: '' });
  });

  test('the sound alone, and it is said what is missing', () => {
    const plan = planFor(tracksOf(['video', 'hevc'], ['audio', 'mp3']), kOrdinary);
    expect(plan).toMatchObject({ kind: 'play', hasVideo: false, hasAudio: true });
    expect(plan.kind === 'play' && plan.notice).toMatch(/sound without a picture.*HEVC video/);
  });

  test('the picture alone, and it is said what is missing', () => {
    const plan = planFor(tracksOf(['video', 'h264'], ['audio', 'speex']), kOrdinary);
    expect(plan).toMatchObject({ kind: 'play', hasVideo: true, hasAudio: false });
    expect(plan.kind === 'play' && plan.notice).toMatch(/picture without sound.*Speex audio/);
  });

  test('nothing, and it is said why and what to do', () => {
    const plan = planFor(tracksOf(['video', 'vp6'], ['audio', 'speex']), () => true);
    expect(plan.kind === 'refuse' && plan.why).toMatch(/VP6 video and Speex audio.*Publish H\.264 with AAC/);
  });
});

describe('what the picture does', () => {
  test('lag is the media that is here and not yet shown', () => {
    expect(lagOf({ time: 1, end: 1.5, at: 0 })).toBe(0.5);
    expect(lagOf({ time: 2, end: 1.5, at: 0 })).toBe(0);
    expect(lagOf({ time: 2, end: null, at: 0 })).toBeNull();
  });

  test('it moves, stands still, and falls silent', () => {
    let motion = { time: 0, movedAt: 0 };
    const paces = [
      [1, 500],
      [1, 1900],
      [1, 2100],
      [1, 8600],
      [1.5, 9000],
    ].map(([time = 0, at = 0]) => {
      const seen = watch(motion, { time, end: 2, at });
      motion = seen.motion;
      return seen.pace;
    });
    expect(paces).toEqual(['moving', 'moving', 'still', 'silent', 'moving']);
  });
});

describe('trouble', () => {
  test.each([
    ['NetworkError', 'HttpStatusCodeInvalid', { code: 404 }, true, /Nobody publishes/],
    ['NetworkError', 'HttpStatusCodeInvalid', { code: 403 }, false, /HTTP 403.*Ask/],
    ['NetworkError', 'HttpStatusCodeInvalid', { code: 503 }, true, /HTTP 503/],
    ['NetworkError', 'ConnectingTimeout', {}, true, /too long/],
    ['NetworkError', 'Exception', {}, true, /connection .* broke/],
    ['MediaError', 'CodecUnsupported', { msg: 'idx 11' }, false, /\(idx 11\).*Publish H\.264/],
    ['MediaError', 'FormatError', {}, true, /not a good FLV/],
    ['MediaError', 'MediaMSEError', { code: 9 }, false, /cannot decode/],
    ['MediaError', 'MediaMSEError', { code: 0 }, true, /cannot decode/],
    ['OtherError', 'Odd', {}, true, /stopped/],
  ])('%s %s %o', (type, detail, info, again, message) => {
    const trouble = troubleOf(type, detail, info);
    expect(trouble.again).toBe(again);
    expect(trouble.message).toMatch(message);
  });
});

describe('HLS', () => {
  test('carries codecs that FLV has no way for', () => {
    const plan = (via: 'flv' | 'hls') => planFor(tracksOf(['video', 'vp9'], ['audio', 'aac']), () => true, via);
    expect(plan('hls')).toMatchObject({ kind: 'play', hasVideo: true, notice: '' });
    expect(plan('flv')).toMatchObject({ kind: 'play', hasVideo: false });
  });

  test('says in the same words what went wrong', () => {
    expect(hlsTroubleOf('networkError', 'manifestLoadError', 404)).toMatchObject({ again: true });
    expect(hlsTroubleOf('networkError', 'manifestLoadError', 404).message).toMatch(/Nobody publishes/);
    expect(hlsTroubleOf('networkError', 'levelLoadError', 403)).toMatchObject({ again: false });
    expect(hlsTroubleOf('networkError', 'fragLoadTimeOut', 0).message).toMatch(/connection/);
    expect(hlsTroubleOf('mediaError', 'manifestIncompatibleCodecsError', 0)).toMatchObject({ again: false });
    expect(hlsTroubleOf('otherError', 'internalException', 0).message).toMatch(/internalException/);
  });
});
