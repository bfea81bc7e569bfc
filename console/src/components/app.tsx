import { useEffect } from 'preact/hooks';
import { useLive, useNow, useRoute } from '../hooks';
import { HelpPage } from './help_page';
import { LostBanner, TopBar } from './top_bar';
import { ListPage } from './list_page';
import { StreamPage } from './stream_page';

export function App() {
  const route = useRoute();
  const live = useLive();
  const now = useNow();
  const serverNow = now + live.clockAhead;
  const name = 'name' in route ? route.name : '';

  useEffect(() => {
    document.title = name === '' ? 'Millrace' : `${name} · Millrace`;
  }, [name]);

  return (
    <>
      <TopBar link={live.link} page={route.page} />
      <LostBanner link={live.link} now={now} />
      <main class={live.link.state === 'lost' ? 'stale' : ''}>
        {route.page === 'list' && <ListPage live={live} now={serverNow} />}
        {route.page === 'help' && <HelpPage rtmpPort={live.rtmpPort} />}
        {'name' in route && (
          <StreamPage key={route.name} name={route.name} via={route.page === 'play' ? route.via : null} live={live} now={serverNow} />
        )}
      </main>
    </>
  );
}
