import { defineConfig } from 'vitest/config';
import { loadEnv, type Plugin, type ProxyOptions } from 'vite';

/** What `npm run dev` asks of a server, which is a running Millrace or `npm run mock`. */
function proxyTo(target: string): Record<string, ProxyOptions> {
  return { '/api': { target }, '^/.+\\.flv': { target, ws: true } };
}

// The built page talks to its own server alone. mpegts.js hands media over as blobs.
const policy = [
  "default-src 'self'",
  "connect-src 'self' ws: wss:",
  "img-src 'self' data:",
  'media-src blob:',
  "object-src 'none'",
  "base-uri 'none'",
].join('; ');

function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: policy }, injectTo: 'head-prepend' },
    ],
  };
}

export default defineConfig(({ mode }) => {
  const proxy = proxyTo(loadEnv(mode, '.', 'MILLRACE_').MILLRACE_SERVER ?? 'http://127.0.0.1:8080');
  return {
    base: './',
    plugins: [contentSecurityPolicy()],
    server: { host: '127.0.0.1', proxy },
    preview: { host: '127.0.0.1', proxy },
    build: { target: 'es2020', modulePreload: { polyfill: false } },
    test: { include: ['test/*.test.ts'], environment: 'node' },
  };
});
