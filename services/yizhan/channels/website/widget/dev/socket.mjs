// WebSocket for one connection, as little of RFC 6455 as the dev server needs: text, ping, close, no extensions.
import { createHash } from 'node:crypto';

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Answers the upgrade and calls `handlers.text(string)` and `handlers.closed()`. */
export function accept(request, socket, handlers) {
  const key = createHash('sha1')
    .update(request.headers['sec-websocket-key'] + MAGIC)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
  );
  let rest = Buffer.alloc(0);
  let open = true;
  const frame = (opcode, payload) => {
    if (!open) return;
    const size = payload.length;
    const head =
      size < 126 ? Buffer.from([0x80 | opcode, size]) : Buffer.from([0x80 | opcode, 126, size >> 8, size & 0xff]);
    socket.write(Buffer.concat([head, payload]));
  };
  const close = (code = 1000) => {
    frame(8, Buffer.from([code >> 8, code & 0xff]));
    open = false;
    socket.end();
  };
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest.length < 6) return;
      const opcode = rest[0] & 15;
      let size = rest[1] & 127;
      let at = 2;
      if (size === 126) {
        if (rest.length < 8) return;
        size = rest.readUInt16BE(2);
        at = 4;
      } else if (size === 127) return close(4413);
      if (rest.length < at + 4 + size) return;
      const mask = rest.subarray(at, at + 4);
      const payload = Buffer.from(rest.subarray(at + 4, at + 4 + size).map((byte, index) => byte ^ mask[index & 3]));
      rest = rest.subarray(at + 4 + size);
      if (opcode === 8) return close();
      if (opcode === 9) frame(10, payload);
      if (opcode === 1) handlers.text(payload.toString('utf8'));
    }
  });
  const end = () => {
    if (!open && socket.destroyed) return;
    open = false;
    handlers.closed();
  };
  socket.on('close', end);
  socket.on('error', end);
  return { send: (value) => frame(1, Buffer.from(JSON.stringify(value))), close };
}
