// A stand-in for a Millrace server while the page is worked on: `npm run mock`, then `npm run dev` beside it.
//
//   node mock/server.mjs [empty] [--port 8080]
//
// `empty` has no streams. live/demo.flv plays a test picture when there is an ffmpeg; every other name is a 404.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { disconnect, kRelays, kSharedObjects, sessionsAt, streamsAt } from './data.mjs';
import { acceptUpgrade, binaryMessage } from './websocket.mjs';

const args = process.argv.slice(2);
const empty = args.includes('empty');
const port = args.includes('--port') ? Number(args[args.indexOf('--port') + 1]) : 8080;
const started = Date.now();

function testPicture() {
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '50', '-c:a', 'aac'];
  return spawn('ffmpeg', ['-v', 'error', '-re', ...source, ...codecs, '-flush_packets', '1', '-f', 'flv', '-'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

const isDemo = (url) => !empty && url.split('?')[0] === '/live/demo.flv';

function json(response, value) {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

const server = createServer((request, response) => {
  const age = (Date.now() - started) / 1000;
  const session = request.url.match(/^\/api\/v1\/sessions\/(.+)$/);
  if (request.url === '/api/v1/streams') {
    json(response, empty ? { streams: [] } : streamsAt(age));
  } else if (request.url === '/api/v1/relays') {
    json(response, { relays: empty ? [] : kRelays, rules: [] });
  } else if (request.url === '/api/v1/shared_objects') {
    json(response, { shared_objects: empty ? [] : kSharedObjects });
  } else if (request.url === '/api/v1/sessions') {
    json(response, empty ? { sessions: [] } : sessionsAt(age));
  } else if (session !== null && request.method === 'DELETE') {
    disconnect(decodeURIComponent(session[1]));
    response.writeHead(204).end();
  } else if (isDemo(request.url)) {
    const picture = testPicture();
    picture.on('error', () => response.destroy());
    response.writeHead(200, { 'content-type': 'video/x-flv' });
    picture.stdout.pipe(response);
    response.on('close', () => picture.kill());
  } else {
    response.writeHead(404).end();
  }
});

server.on('upgrade', (request, socket) => {
  socket.on('error', () => socket.destroy());
  if (!isDemo(request.url)) {
    socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  acceptUpgrade(request, socket);
  const picture = testPicture();
  picture.on('error', () => socket.destroy());
  picture.stdout.on('data', (data) => socket.write(binaryMessage(data)));
  socket.on('data', () => {}); // what the browser says is of no interest
  socket.on('close', () => picture.kill());
});

server.listen(port, '127.0.0.1', () => console.log(`The mock server listens on http://127.0.0.1:${port}`));
