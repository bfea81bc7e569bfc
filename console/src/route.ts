// Where in the page we are, as the address says it: #/ , #/stream/live/cam , #/play/live/cam?via=ws , #/help

export type Via = 'flv' | 'ws' | 'hls';

const kVias: readonly string[] = ['flv', 'ws', 'hls'];

export type Route =
  | { page: 'list' }
  | { page: 'help' }
  | { page: 'stream'; name: string }
  | { page: 'play'; name: string; via: Via };

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a lone % is a letter like any other
  }
}

/** A stream's name as it stands in a URL: its slashes stay. */
export function encodeName(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const [page, ...rest] = path.replace(/^\//, '').split('/');
  const name = rest.map(decode).join('/');
  if (page === 'help') {
    return { page: 'help' };
  }
  if (page === 'stream' && name !== '') {
    return { page: 'stream', name };
  }
  if (page === 'play' && name !== '') {
    const via = new URLSearchParams(query).get('via') ?? '';
    return { page: 'play', name, via: kVias.includes(via) ? (via as Via) : 'flv' };
  }
  return { page: 'list' };
}

export function hashOf(route: Route): string {
  switch (route.page) {
    case 'list':
      return '#/';
    case 'help':
      return '#/help';
    case 'stream':
      return `#/stream/${encodeName(route.name)}`;
    case 'play':
      return `#/play/${encodeName(route.name)}?via=${route.via}`;
  }
}
