// What the components know of the world outside: the address, the clock, the server.

import { useEffect, useState } from 'preact/hooks';
import { getListing, getRelays, getSessions, getSharedObjects, type Answer } from './api';
import { noteStreams, type Flows } from './flow';
import type { Session, Stream } from './model';
import type { Relay, SharedObject } from './neighbours';
import { poll, type News } from './poll';
import { parseRoute, type Route } from './route';
import { kRtmpPort } from './urls';

/** How we stand with the server. `since` is when the connection was lost, `retryAt` when we ask next (ms). */
export type Link =
  | { state: 'connecting' }
  | { state: 'live' }
  | { state: 'lost'; why: string; since: number; retryAt: number };

export interface Live {
  streams: Stream[] | null; // null until the first answer
  flows: Flows;
  link: Link;
  clockAhead: number;
  rtmpPort: number;
}

export const kNothingYet: Live = {
  streams: null,
  flows: new Map(),
  link: { state: 'connecting' },
  clockAhead: 0,
  rtmpPort: kRtmpPort,
};

type ListingNews = News<Answer<{ streams: Stream[]; rtmpPort: number | null }>>;

/** What we know after a piece of news. The last known streams stay on show while the connection is lost. */
export function hear(live: Live, news: ListingNews, now: number): Live {
  if (news.kind === 'lost') {
    const since = live.link.state === 'lost' ? live.link.since : now;
    return { ...live, link: { state: 'lost', why: news.why, since, retryAt: now + news.retryInMs } };
  }
  const { streams, rtmpPort } = news.value.value;
  return {
    streams,
    flows: noteStreams(live.flows, streams, news.at),
    link: { state: 'live' },
    clockAhead: news.value.clockAhead,
    rtmpPort: rtmpPort ?? kRtmpPort,
  };
}

export function useLive(): Live {
  const [live, setLive] = useState(kNothingYet);
  useEffect(() => poll(getListing, (news) => setLive((before) => hear(before, news, Date.now()))), []);
  return live;
}

/** What `ask` gets, as long as a component that shows it is there; null until the first answer. */
function useAnswers<T>(ask: (signal: AbortSignal) => Promise<Answer<T>>): T | null {
  const [value, setValue] = useState<T | null>(null);
  useEffect(
    () =>
      poll(ask, (news) => {
        if (news.kind === 'answer') {
          setValue(news.value.value);
        }
      }),
    [],
  );
  return value;
}

export function useSessions(): Session[] | null {
  return useAnswers(getSessions);
}

export function useRelays(): Relay[] | null {
  return useAnswers(getRelays);
}

export function useSharedObjects(): SharedObject[] | null {
  return useAnswers(getSharedObjects);
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const follow = () => setRoute(parseRoute(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}

/** This browser's clock, once a second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
