// Asks again and again: once a second while answers come, ever more seldom while they do not.

export type News<T> =
  | { kind: 'answer'; value: T; at: number }
  | { kind: 'lost'; why: string; failures: number; retryInMs: number };

const kBeatMs = 1000;
const kLongestWaitMs = 15_000;

/** How long to wait after `failures` failures in a row: 1 s, 2 s, 4 s … 15 s. */
export function waitAfter(failures: number): number {
  return Math.min(kLongestWaitMs, kBeatMs * 2 ** Math.max(0, failures - 1));
}

/** What to tell a person about a failed request. */
export function whyLost(error: unknown): string {
  if (error instanceof DOMException && error.name === 'AbortError') {
    return 'the server does not answer';
  }
  if (error instanceof SyntaxError) {
    return 'the answer is not JSON';
  }
  return error instanceof TypeError || !(error instanceof Error) ? 'the server cannot be reached' : error.message;
}

/** Calls `ask` until the function that it returns is called; each outcome goes to `tell`. */
export function poll<T>(ask: (signal: AbortSignal) => Promise<T>, tell: (news: News<T>) => void): () => void {
  const stop = new AbortController();
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const round = async () => {
    let wait = kBeatMs;
    try {
      const value = await ask(stop.signal);
      failures = 0;
      if (!stop.signal.aborted) {
        tell({ kind: 'answer', value, at: Date.now() });
      }
    } catch (error) {
      failures += 1;
      wait = waitAfter(failures);
      if (!stop.signal.aborted) {
        tell({ kind: 'lost', why: whyLost(error), failures, retryInMs: wait });
      }
    }
    if (!stop.signal.aborted) {
      timer = setTimeout(round, wait);
    }
  };
  void round();
  return () => {
    stop.abort();
    clearTimeout(timer);
  };
}
