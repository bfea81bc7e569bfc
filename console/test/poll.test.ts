import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hear, kNothingYet } from '../src/hooks';
import { poll, waitAfter, whyLost, type News } from '../src/poll';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('it asks once a second while answers come', async () => {
  const news: News<number>[] = [];
  let asked = 0;
  const stop = poll(
    () => Promise.resolve(++asked),
    (piece) => news.push(piece),
  );
  await vi.advanceTimersByTimeAsync(2999);
  expect(news.map((piece) => piece.kind === 'answer' && piece.value)).toEqual([1, 2, 3]);
  stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toBe(3);
});

test('it asks ever more seldom while none come, and at the old pace again after one', async () => {
  const times: number[] = [];
  const start = Date.now();
  let broken = true;
  const stop = poll(
    () => {
      times.push(Date.now() - start);
      return broken ? Promise.reject(new Error('down')) : Promise.resolve(0);
    },
    () => {},
  );
  await vi.advanceTimersByTimeAsync(7500);
  broken = false;
  await vi.advanceTimersByTimeAsync(9500);
  stop();
  expect(times).toEqual([0, 1000, 3000, 7000, 15_000, 16_000, 17_000]);
});

test('nothing is told after it was stopped', async () => {
  const news: News<number>[] = [];
  const stop = poll(
    (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gone')))),
    (piece: News<number>) => news.push(piece),
  );
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(news).toEqual([]);
});

test('the wait grows to fifteen seconds', () => {
  expect([1, 2, 3, 4, 5, 6, 60].map(waitAfter)).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
});

test('a failure is told in words', () => {
  expect(whyLost(new TypeError('Failed to fetch'))).toBe('the server cannot be reached');
  expect(whyLost(new DOMException('', 'AbortError'))).toBe('the server does not answer');
  expect(whyLost(new SyntaxError('x'))).toBe('the answer is not JSON');
  expect(whyLost(new Error('the server answered 500'))).toBe('the server answered 500');
});

test('the last streams stay on show while the connection is lost', () => {
  const streams = [{ name: 'live/cam' }] as never[];
  const answer = { kind: 'answer', at: 1, value: { value: { streams, rtmpPort: 2000 }, clockAhead: 5000 } } as const;
  const live = hear(kNothingYet, answer, 1);
  expect(live).toMatchObject({ link: { state: 'live' }, clockAhead: 5000, rtmpPort: 2000 });

  const lost = hear(live, { kind: 'lost', why: 'w', failures: 1, retryInMs: 1000 }, 10);
  expect(lost.streams).toBe(streams);
  expect(lost.link).toEqual({ state: 'lost', why: 'w', since: 10, retryAt: 1010 });

  const longer = hear(lost, { kind: 'lost', why: 'w', failures: 2, retryInMs: 2000 }, 1010);
  expect(longer.link).toEqual({ state: 'lost', why: 'w', since: 10, retryAt: 3010 });
  expect(hear(longer, answer, 3010).link).toEqual({ state: 'live' });
});
