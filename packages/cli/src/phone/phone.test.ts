import { createVirtualClock, createWheel, type VirtualClock } from '@agentao/clock';
import {
  closeCodes,
  decodeFrame,
  decodePhoneClient,
  encode,
  encodeFrame,
  type PhoneSwitchMessage,
  subprotocols,
} from '@agentao/protocol';
import type { Socket, UpgradeRequest } from '@agentao/transport';
import { createMemoryNetwork, type MemoryNetwork } from '@agentao/transport/memory';
import { expect, it } from 'vitest';
import { openPhone, type Phone } from './phone.ts';

interface Peer {
  readonly clock: VirtualClock;
  readonly phone: Phone;
  readonly request: UpgradeRequest;
  readonly socket: Socket;
  readonly network: MemoryNetwork;
  /** Types of the text messages that came, pings aside. */
  readonly received: string[];
  readonly frames: { position: number; samples: Int16Array }[];
  send(message: PhoneSwitchMessage): void;
}

function fail(error: unknown): never {
  throw error;
}

/** A phone, registered with a switch that the test plays itself. */
async function openWithPeer(): Promise<Peer> {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const network = createMemoryNetwork({ clock });
  const received: string[] = [];
  const frames: Peer['frames'] = [];
  let opened: { request: UpgradeRequest; socket: Socket } | undefined;
  network.listen({
    host: 'switch.memory',
    onUpgrade: (request) => ({
      accept: true,
      subprotocol: subprotocols.phone,
      maxMessageBytes: 100_000,
      open: (socket) => {
        opened = { request, socket };
        socket.start({
          text: (text) => {
            const message = decodePhoneClient(text);
            if (message.type === 'ping') socket.send(encode({ type: 'pong', id: message.id }));
            else received.push(message.type === 'unknown' ? message.name : message.type);
            if (message.type === 'register') socket.send(encode({ type: 'registered', number: message.number }));
          },
          binary: (bytes) => {
            const { header, samples } = decodeFrame(bytes);
            frames.push({ position: header.position, samples: samples.slice() });
          },
          closed: ({ code }) => received.push(`closed ${code}`),
        });
      },
    }),
  });
  const wheel = createWheel({ clock, onError: fail });
  const phone = await openPhone({
    url: 'ws://switch.memory',
    operatorToken: 'op_secret',
    number: '+15550001',
    sampleRateHz: 16_000,
    clock,
    wheel,
    connect: network.connect,
  });
  if (!opened) throw new Error('no socket came');
  const { socket } = opened;
  return { clock, phone, network, ...opened, received, frames, send: (message) => socket.send(encode(message)) };
}

it('signs in with its token in a header and its number in the first message', async () => {
  const { request, received } = await openWithPeer();
  expect(request.path).toBe('/phone');
  expect(request.headers.get('authorization')).toBe('Bearer op_secret');
  expect(received).toEqual(['register']);
});

it('sends nothing before the line is open, then a message every 20 ms: what it is given to say, silence else', async () => {
  const { clock, phone, frames, send } = await openWithPeer();
  await clock.advance(100);
  expect(frames).toHaveLength(0);
  send({ type: 'answered' });
  await phone.next('answered', 100);
  const saying = phone.say(new Int16Array(500).fill(9));
  await clock.advance(1_000);
  const { fromMs, toMs } = await saying;
  expect(toMs - fromMs).toBe(40);
  expect(frames.length).toBeGreaterThanOrEqual(49);
  expect(frames.map(({ position }) => position)).toEqual(frames.map((_, n) => n * 320));
  expect(frames.flatMap(({ samples }) => [...samples]).filter((sample) => sample === 9)).toHaveLength(500);
  expect(phone.mouth.all().filter((sample) => sample === 9)).toHaveLength(500);
});

it('records what it hears by position, ring-back before the answer included', async () => {
  const { clock, phone, socket, send } = await openWithPeer();
  const frame = (position: number): Uint8Array =>
    encodeFrame({ track: 0, generation: 0, flags: 0, position }, new Int16Array(320).fill(4));
  socket.send(frame(0));
  send({ type: 'answered' });
  socket.send(frame(960));
  await clock.advance(1);
  expect(phone.ear).toMatchObject({ frames: 2, gaps: 1 });
  expect(phone.ear.all()).toHaveLength(1_280);
});

it('stops speaking when the call ends, and tells whoever was speaking', async () => {
  const { clock, phone, frames, send } = await openWithPeer();
  send({ type: 'answered' });
  await phone.next('answered', 100);
  const saying = expect(phone.say(new Int16Array(100_000))).rejects.toMatchObject({ code: 'ENDED' });
  await clock.advance(100);
  send({ type: 'ended', reason: 'hangup', by: 'callee' });
  await saying;
  const sent = frames.length;
  await clock.advance(1_000);
  expect(frames).toHaveLength(sent);
});

it('keeps a quiet line alive, and gives up on a switch that is silent for two seconds', async () => {
  const { clock, phone, network, received } = await openWithPeer();
  await clock.advance(10_000);
  expect(received).toEqual(['register']);
  const lost = expect(phone.next('incoming', 60_000)).rejects.toMatchObject({ code: 'CLOSED' });
  network.connections()[0]?.halfOpen();
  await clock.advance(2_600);
  await lost;
});

it('says goodbye with the close code for that', async () => {
  const { clock, phone, received } = await openWithPeer();
  phone.close();
  await clock.advance(10);
  expect(received.at(-1)).toBe(`closed ${closeCodes.NORMAL.code}`);
});
