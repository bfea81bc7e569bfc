// As much of RFC 6455 as it takes to send binary messages to a browser.
import { createHash } from 'node:crypto';

const kMagic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Answers an upgrade request (RFC 6455 §4.2.2). */
export function acceptUpgrade(request, socket) {
  const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + kMagic).digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
}

/** One unmasked, final binary message (RFC 6455 §5.2). */
export function binaryMessage(payload) {
  const long = payload.length > 65535;
  const head = Buffer.alloc(payload.length < 126 ? 2 : long ? 10 : 4);
  head[0] = 0x82;
  if (payload.length < 126) {
    head[1] = payload.length;
  } else if (long) {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(payload.length), 2);
  } else {
    head[1] = 126;
    head.writeUInt16BE(payload.length, 2);
  }
  return Buffer.concat([head, payload]);
}
