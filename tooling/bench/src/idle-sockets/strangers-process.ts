import { connect, type Socket } from 'node:net';
import type { StrangersOrder, StrangersReport } from './strangers.ts';

// Opens connections, a hundred at a time, and keeps them for as long as it is let.
const atOnce = 100;
const sockets = new Set<Socket>();
const counts = { tried: 0, open: 0, mostOpen: 0, refused: 0, failed: 0 };

/** A client's frame with a short text, masked with zeros. */
function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

function beginningOf(order: Extract<StrangersOrder, { order: 'open' }>, index: number): string {
  if (order.idling === 'silent') return '';
  if (order.idling === 'half a request') return 'GET /control HTTP/1.1\r\nHost: x\r\nX-Half: ';
  const lines = [
    'GET /control HTTP/1.1',
    'Host: x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol: agentao.control.v1',
    `Authorization: Bearer ${order.keys[index % order.keys.length]}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** One connection; resolves once it is known whether it was let in. */
function openOne(order: Extract<StrangersOrder, { order: 'open' }>, index: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port: order.port, host: '127.0.0.1', noDelay: true });
    let isOpen = false;
    const opened = (): void => {
      isOpen = true;
      counts.mostOpen = Math.max(counts.mostOpen, ++counts.open);
      resolve();
    };
    sockets.add(socket);
    counts.tried++;
    socket.on('connect', () => {
      socket.write(beginningOf(order, index));
      if (order.idling !== 'a socket') opened();
    });
    socket.on('data', (data: Buffer) => {
      const text = data.toString('latin1');
      if (text.startsWith('HTTP/1.1 101')) {
        opened();
        socket.write(frame('{"type":"hello","client":"idle"}'));
      } else if (/^HTTP\/1\.1 (429|503)/.test(text)) counts.refused++;
      const ping = /"type":"ping","id":(\d+)/.exec(text);
      if (ping !== null) socket.write(frame(`{"type":"pong","id":${ping[1]}}`));
    });
    socket.on('error', () => {
      if (!isOpen) counts.failed++;
    });
    socket.on('close', () => {
      sockets.delete(socket);
      if (isOpen) counts.open--;
      isOpen = false;
      resolve();
    });
  });
}

async function open(order: Extract<StrangersOrder, { order: 'open' }>): Promise<void> {
  for (let index = 0; index < order.count; index += atOnce) {
    await Promise.all(
      Array.from({ length: Math.min(atOnce, order.count - index) }, (_, i) => openOne(order, index + i)),
    );
  }
}

process.on('message', (message) => {
  const order = message as StrangersOrder;
  if (order.order === 'open') {
    void open(order);
    return;
  }
  if (order.order === 'leave') {
    for (const socket of sockets) socket.destroy();
    Object.assign(counts, { tried: 0, open: 0, mostOpen: 0, refused: 0, failed: 0 });
  }
  process.send?.({ ...counts } satisfies StrangersReport);
});
process.once('disconnect', () => process.exit(0));
