import { duration } from '../format';
import type { Link } from '../hooks';
import { hashOf, type Route } from '../route';

const kLinkWords = { connecting: 'Connecting', live: 'Live', lost: 'Connection lost' } as const;

export function TopBar({ link, page }: { link: Link; page: Route['page'] }) {
  return (
    <header class="top">
      <a class="brand" href={hashOf({ page: 'list' })}>
        <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
          <rect width="32" height="32" rx="8" fill="var(--accent)" />
          <g fill="none" stroke="var(--on-accent)" stroke-width="2.6" stroke-linecap="round">
            <path d="M6 13c3.3-4 6.7-4 10 0s6.7 4 10 0" />
            <path d="M6 20c3.3-4 6.7-4 10 0s6.7 4 10 0" opacity=".6" />
          </g>
        </svg>
        Millrace
      </a>
      <nav aria-label="Pages">
        <a href={hashOf({ page: 'list' })} aria-current={page === 'list' ? 'page' : undefined}>
          Streams
        </a>
        <a href={hashOf({ page: 'help' })} aria-current={page === 'help' ? 'page' : undefined}>
          Publish and watch
        </a>
      </nav>
      <p id="link-state" class={`link link-${link.state}`} role="status" data-state={link.state}>
        <span class="dot" aria-hidden="true" />
        {kLinkWords[link.state]}
      </p>
    </header>
  );
}

/** Says that what is on show is old, and when we ask again. */
export function LostBanner({ link, now }: { link: Link; now: number }) {
  if (link.state !== 'lost') {
    return null;
  }
  const wait = Math.max(0, Math.ceil((link.retryAt - now) / 1000));
  return (
    <div class="banner">
      <strong>Connection lost</strong> {duration((now - link.since) / 1000)} ago: {link.why}. What you see is from before that.{' '}
      {wait > 0 ? `Trying again in ${wait} s.` : 'Trying again now.'}
    </div>
  );
}
