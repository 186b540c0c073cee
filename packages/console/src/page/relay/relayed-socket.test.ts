import { describe, expect, it } from 'vitest';
import { RelayedSocket } from './relayed-socket.ts';
import type { RelayOrder } from './relay-messages.ts';

function createBench(): { readonly socket: RelayedSocket; readonly orders: RelayOrder[]; readonly events: unknown[] } {
  const orders: RelayOrder[] = [];
  const events: unknown[] = [];
  const socket = new RelayedSocket(7, (order) => orders.push(order));
  socket.addEventListener('open', () => events.push(['open', socket.protocol]));
  socket.addEventListener('message', (event) => events.push(['message', (event as MessageEvent).data]));
  socket.addEventListener('close', (event) => events.push(['close', (event as CloseEvent).code]));
  return { socket, orders, events };
}

describe('relayed socket', () => {
  it('sends and closes by orders that name it', () => {
    const { socket, orders } = createBench();
    socket.send('hello');
    socket.close(4504);
    expect(orders).toEqual([
      { type: 'send', id: 7, text: 'hello' },
      { type: 'close', id: 7, code: 4504 },
    ]);
  });

  it('makes events of reports', () => {
    const { socket, events } = createBench();
    const bytes = new ArrayBuffer(3);
    socket.hear({ type: 'opened', id: 7, protocol: 'agentao.phone.v1' });
    socket.hear({ type: 'text', id: 7, text: 'hello' });
    socket.hear({ type: 'refused', id: 7, bytes });
    socket.hear({ type: 'closed', id: 7, code: 1006 });
    expect(events).toEqual([
      ['open', 'agentao.phone.v1'],
      ['message', 'hello'],
      ['message', bytes],
      ['close', 1006],
    ]);
  });

  it('ignores what is about another socket', () => {
    const { socket, events } = createBench();
    socket.hear({ type: 'closed', id: 6, code: 1006 });
    socket.hear({ type: 'text', id: 8, text: 'hello' });
    expect(events).toEqual([]);
  });
});
