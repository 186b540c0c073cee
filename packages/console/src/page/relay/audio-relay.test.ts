import { decodeFrame, encodeFrame } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import type { LineOrder } from '../../worklet/handset-messages.ts';
import { createTestSockets, type TestSockets } from '../socket/test-socket.ts';
import { type AudioRelay, createAudioRelay } from './audio-relay.ts';
import type { RelayReport } from './relay-messages.ts';

/** The handset's end of a port, without delay. */
class TestPort extends EventTarget {
  readonly orders: LineOrder[] = [];
  started = false;
  closed = false;

  postMessage(order: LineOrder): void {
    this.orders.push(order);
  }

  start(): void {
    this.started = true;
  }

  close(): void {
    this.closed = true;
  }

  speak(value: number): void {
    this.dispatchEvent(new MessageEvent('message', { data: { samples: new Int16Array(480).fill(value) } }));
  }
}

interface Bench {
  readonly relay: AudioRelay;
  readonly sockets: TestSockets;
  readonly port: TestPort;
  readonly reports: RelayReport[];
  /** Audio that the switch sends. */
  hear(position: number, header?: { readonly track?: number; readonly generation?: number }): void;
}

function createBench(): Bench {
  const sockets = createTestSockets();
  const port = new TestPort();
  const reports: RelayReport[] = [];
  const relay = createAudioRelay({ open: sockets.open, report: (report) => reports.push(report) });
  relay.obey({ type: 'handset', port: port as unknown as MessagePort });
  relay.obey({ type: 'open', id: 1, kind: 'phone', ticket: 'ti_1' });
  sockets.last.accept();
  return {
    relay,
    sockets,
    port,
    reports,
    hear: (position, { track = 0, generation = 0 } = {}) => {
      const samples = new Int16Array(480).fill(position);
      sockets.last.receive(encodeFrame({ track, generation, flags: 0, position }, samples).buffer);
    },
  };
}

describe('audio relay', () => {
  it('opens a socket, carries its texts both ways and tells of its end', () => {
    const { relay, sockets, reports } = createBench();
    expect(sockets.last.path).toBe('/phone');
    expect(sockets.last.offered).toEqual(['agentao.phone.v1', 'agentao.ticket.ti_1']);
    expect(sockets.last.binaryType).toBe('arraybuffer');
    relay.obey({ type: 'send', id: 1, text: '{"type":"ping","id":1}' });
    sockets.last.receive('{"type":"pong","id":1}');
    sockets.last.lose(4409);
    relay.obey({ type: 'send', id: 1, text: '{"type":"ping","id":2}' });
    expect(sockets.last.texts).toEqual([{ type: 'ping', id: 1 }]);
    expect(reports).toEqual([
      { type: 'opened', id: 1, protocol: 'agentao.phone.v1' },
      { type: 'text', id: 1, text: '{"type":"pong","id":1}' },
      { type: 'closed', id: 1, code: 4409 },
    ]);
  });

  it('hands audio of the line to the handset while it flows, with its position', () => {
    const { relay, port, reports, hear } = createBench();
    hear(0);
    relay.obey({ type: 'flow', flow: 'heard' });
    hear(480);
    relay.obey({ type: 'flow', flow: 'both' });
    hear(960);
    relay.obey({ type: 'flow', flow: 'none' });
    hear(1440);
    expect(port.started).toBe(true);
    expect(port.orders.map((order) => [order.type, 'position' in order && order.position])).toEqual([
      ['listen', false],
      ['listen', false],
      ['play', 480],
      ['listen', false],
      ['play', 960],
      ['hush', false],
      ['listen', false],
    ]);
    expect(port.orders[4]).toEqual({ type: 'play', position: 960, samples: new Int16Array(480).fill(960) });
    expect(port.orders.filter((order) => order.type === 'listen').map(({ on }) => on)).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(reports).toHaveLength(1);
  });

  it('sends what the handset says while both are heard, counting from 0 in each call', () => {
    const { relay, sockets, port } = createBench();
    const said = (): readonly number[] => sockets.last.binaries.map((bytes) => decodeFrame(bytes).header.position);
    port.speak(1);
    relay.obey({ type: 'flow', flow: 'heard' });
    port.speak(2);
    relay.obey({ type: 'flow', flow: 'both' });
    port.speak(3);
    port.speak(4);
    relay.obey({ type: 'flow', flow: 'none' });
    port.speak(5);
    relay.obey({ type: 'flow', flow: 'both' });
    port.speak(6);
    expect(said()).toEqual([0, 480, 0]);
    const frames = sockets.last.binaries.map((bytes) => decodeFrame(bytes));
    expect(frames.map(({ samples }) => samples[0])).toEqual([3, 4, 6]);
    expect(frames[0]?.header).toEqual({ track: 0, generation: 0, flags: 0, position: 0 });
  });

  it('drops what is said while half a second waits to be sent, goes on counting and says that it is missing', () => {
    const { relay, sockets, port } = createBench();
    relay.obey({ type: 'flow', flow: 'both' });
    port.speak(1);
    sockets.last.bufferedAmount = 24_001;
    port.speak(2);
    port.speak(3);
    sockets.last.bufferedAmount = 0;
    port.speak(4);
    port.speak(5);
    const headers = sockets.last.binaries.map((bytes) => decodeFrame(bytes).header);
    expect(headers.map(({ position, flags }) => [position, flags])).toEqual([
      [0, 0],
      [1440, 2],
      [1920, 0],
    ]);
  });

  it('hands to the page what is no audio of a phone, and to the handset nothing of it', () => {
    const { relay, sockets, port, reports, hear } = createBench();
    relay.obey({ type: 'flow', flow: 'both' });
    const before = port.orders.length;
    sockets.last.receive(new ArrayBuffer(3));
    sockets.last.receive(new ArrayBuffer(9));
    sockets.last.receive(new ArrayBuffer(200_000));
    hear(0, { track: 3 });
    hear(0, { generation: 1 });
    expect(reports.slice(1).map(({ type }) => type)).toEqual(['refused', 'refused', 'refused', 'refused', 'refused']);
    expect(port.orders).toHaveLength(before);
  });

  it('takes a message without samples', () => {
    const { relay, sockets, port } = createBench();
    relay.obey({ type: 'flow', flow: 'heard' });
    sockets.last.receive(encodeFrame({ track: 0, generation: 0, flags: 0, position: 0 }, new Int16Array(0)).buffer);
    expect(port.orders.at(-1)).toEqual({ type: 'play', position: 0, samples: new Int16Array(0) });
  });

  it('closes a socket for the page and has no audio of it any more', () => {
    const { relay, sockets, port, hear } = createBench();
    relay.obey({ type: 'flow', flow: 'both' });
    relay.obey({ type: 'close', id: 1, code: 1000 });
    const before = port.orders.length;
    hear(0);
    port.speak(1);
    expect(sockets.last.closedWith).toBe(1000);
    expect(sockets.last.binaries).toEqual([]);
    expect(port.orders).toHaveLength(before);
  });

  it('goes on with the next socket, whatever the last one still says', () => {
    const { relay, sockets, port, hear } = createBench();
    relay.obey({ type: 'flow', flow: 'both' });
    const [first] = sockets.all;
    relay.obey({ type: 'open', id: 2, kind: 'phone', ticket: 'ti_2' });
    sockets.last.accept();
    first?.receive(encodeFrame({ track: 0, generation: 0, flags: 0, position: 0 }, new Int16Array(480)).buffer);
    first?.lose(1006);
    relay.obey({ type: 'close', id: 1, code: 1000 });
    expect(sockets.last.closedWith).toBeUndefined();
    hear(480);
    port.speak(1);
    expect(port.orders.filter(({ type }) => type === 'play')).toHaveLength(1);
    expect(sockets.last.binaries).toHaveLength(1);
  });

  it('joins another handset in place of the last one', () => {
    const { relay, sockets, port, hear } = createBench();
    relay.obey({ type: 'flow', flow: 'both' });
    const next = new TestPort();
    relay.obey({ type: 'handset', port: next as unknown as MessagePort });
    expect(port.closed).toBe(true);
    hear(0);
    next.speak(1);
    expect(next.orders.map(({ type }) => type)).toEqual(['listen', 'play']);
    expect(next.orders[0]).toEqual({ type: 'listen', on: true });
    expect(sockets.last.binaries).toHaveLength(1);
  });
});
