import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { tone } from '@agentao/audio';
import { type ActiveCall, AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import {
  type AnyMessage,
  type ControlOffer,
  encode,
  encodeFrame,
  limits,
  paths,
  subprotocols,
  tracks,
} from '@agentao/protocol';
import { createApiKey, createSwitch } from '@agentao/switch';
import { createScriptedPhones } from '@agentao/switch/testing';
import type { Socket, SocketClose } from '@agentao/transport';
import { createWsConnector, listenWs } from '@agentao/transport/ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clock } from './real-line.ts';

// One switch on a real port. A healthy call of the real client runs beside everything that raw peers do to their own connector.
const good = createApiKey();
const bad = createApiKey();
const phones = createScriptedPhones({ clock });
const callSwitch = createSwitch({
  clock,
  legs: [phones],
  connectors: [
    { uuid: 'good', numbers: ['+1555'], keys: [good.stored] },
    { uuid: 'bad', numbers: ['+1666'], keys: [bad.stored] },
  ],
});
const { onUpgrade, onRequest } = callSwitch;
const server = await listenWs({ clock, port: 0, onUpgrade, onRequest });
const connect = createWsConnector({ clock });
callSwitch.start();

const healthyCaller = phones.phone('+1');
const heardPositions: number[] = [];
let client: AgenTaoClient;
let callers = 1;

beforeAll(async () => {
  const config = AgenTaoClientConfig.sandbox({ apiKey: good.key, connectorUuid: 'good', baseUrl: server.url });
  client = new AgenTaoClient(config);
  const answered = new Promise<ActiveCall>((resolve) => {
    client.on(events.INCOMING_CALL, async (call) => {
      await call.answer();
      call.audio$().subscribe(({ positionSamples }) => heardPositions.push(positionSamples));
      resolve(call);
      await call.ended;
    });
  });
  await Promise.all([client.connect(), callSwitch.whenReady('good')]);
  healthyCaller.dial('+1555');
  // A frequency that hardly ever crosses zero on a sample: whatever is zero was not heard.
  const speech = tone({ frequencyHz: 601, durationMs: 20_000, sampleRateHz: 24_000, levelDb: -20 });
  void (await answered).sendAudio(speech);
});

afterAll(async () => {
  const heard = healthyCaller.heard();
  const start = heard.findIndex((sample) => sample !== 0);
  let silent = 0;
  let worst = 0;
  for (let i = start; i < heard.length; i++) {
    silent = heard[i] === 0 ? silent + 1 : 0;
    worst = Math.max(worst, silent);
  }
  const jumps = heardPositions.filter((position, i) => i > 0 && position !== (heardPositions[i - 1] ?? 0) + 480);
  await callSwitch.close();
  await client.disconnect();
  await server.close();
  expect(heardPositions.length).toBeGreaterThan(50);
  expect(jumps).toEqual([]);
  expect(start).toBeGreaterThanOrEqual(0);
  expect(worst).toBeLessThanOrEqual(2);
});

/** A program of the other side that says whatever a test wants. */
interface RawPeer {
  readonly socket: Socket;
  /** Resolves with the next message of that type. */
  next<Message>(type: string): Promise<Message>;
  readonly closed: Promise<SocketClose>;
  send(message: AnyMessage): void;
}

async function open(path: 'control' | 'media', token: string): Promise<RawPeer> {
  const socket = await connect({
    url: server.url + paths[path],
    subprotocols: [subprotocols[path]],
    headers: { authorization: `Bearer ${token}` },
    maxMessageBytes: 1_048_576,
    openTimeoutMs: 5_000,
  });
  const messages: { readonly type: string }[] = [];
  const ended = Promise.withResolvers<SocketClose>();
  let wake: () => void = () => undefined;
  socket.start({
    text: (text) => {
      messages.push(JSON.parse(text) as { type: string });
      wake();
    },
    binary: () => undefined,
    closed: ended.resolve,
  });
  const next = async <Message>(type: string): Promise<Message> => {
    for (;;) {
      const index = messages.findIndex((message) => message.type === type);
      if (index >= 0) return messages.splice(index, 1)[0] as Message;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { socket, next, closed: ended.promise, send: (message) => socket.send(encode(message)) };
}

/** A ready raw client, and the offer of a call to it. */
async function offered(): Promise<{ readonly control: RawPeer; readonly offer: ControlOffer }> {
  const control = await open('control', bad.key);
  control.send({ type: 'hello', client: 'raw' });
  await control.next('welcome');
  control.send({ type: 'ready', ready: true });
  await callSwitch.whenReady('bad');
  phones.phone(`+2${callers++}`).dial('+1666');
  return { control, offer: await control.next<ControlOffer>('offer') };
}

/** An attached raw agent. */
async function attached(): Promise<{ readonly control: RawPeer; readonly media: RawPeer; readonly token: string }> {
  const { control, offer } = await offered();
  const media = await open('media', offer.mediaToken);
  media.send({ type: 'attach', sampleRateHz: 24_000 });
  await media.next('attached');
  return { control, media, token: offer.mediaToken };
}

const agentFrame = (position: number, samples: number): Uint8Array =>
  encodeFrame({ track: tracks.agent, generation: 0, flags: 0, position }, new Int16Array(samples));

describe('over real sockets, beside a healthy call,', () => {
  it.each([
    ['control', 'ak_nobody_nothing', 'UNAUTHENTICATED'],
    ['control', 'nonsense', 'UNAUTHENTICATED'],
    ['media', 'mt_nothing', 'INVALID_TOKEN'],
  ] as const)('%s with %s is refused with 401 %s', async (path, token, code) => {
    const error: unknown = await open(path, token).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'REFUSED', status: 401 });
    expect((error as { body: string }).body).toContain(code);
  });

  it.each<[string, number, (socket: Socket) => void]>([
    ['text that is not JSON', 4400, (socket) => socket.send('{')],
    ['ready before hello', 4422, (socket) => socket.send(encode({ type: 'ready', ready: true }))],
    ['a message that is too large', 1009, (socket) => socket.send('x'.repeat(limits.controlMessageBytes + 1))],
    ['a binary message', 4400, (socket) => socket.send(new Uint8Array(8))],
  ])('%s on control closes with %i', async (_, code, commit) => {
    const control = await open('control', bad.key);
    commit(control.socket);
    expect(await control.closed).toMatchObject({ code });
  });

  it.each<[string, number, (socket: Socket) => void]>([
    ['text that is not JSON', 4400, (socket) => socket.send('nonsense')],
    ['a second attach', 4422, (socket) => socket.send(encode({ type: 'attach', sampleRateHz: 24_000 }))],
    ['a message that is too large', 1009, (socket) => socket.send(new Uint8Array(limits.mediaMessageBytes + 2))],
    ['audio of odd length', 4424, (socket) => socket.send(agentFrame(0, 2).subarray(0, 11))],
    ['audio at a wrong position', 4424, (socket) => socket.send(agentFrame(480, 480))],
    ['audio beyond the credit', 4425, (socket) => socket.send(agentFrame(0, 30_000))],
  ])('%s on media closes with %i', async (_, code, commit) => {
    const { control, media } = await attached();
    commit(media.socket);
    expect(await media.closed).toMatchObject({ code });
    control.socket.close(1000);
  });

  it('an unknown command is answered with an error, and the socket stays', async () => {
    const { control, media } = await attached();
    media.socket.send('{"type":"levitate","id":7}');
    expect(await media.next('response')).toMatchObject({ id: 7, ok: false, error: { code: 'UNKNOWN_COMMAND' } });
    media.send({ type: 'answer', id: 8 });
    expect(await media.next('response')).toMatchObject({ id: 8, ok: true });
    media.send({ type: 'disconnect', id: 9 });
    expect(await media.closed).toMatchObject({ code: 1000 });
    control.socket.close(1000);
  });

  it('a media token that was used is refused, and its owner keeps the call', async () => {
    const { control, media, token } = await attached();
    await expect(open('media', token)).rejects.toMatchObject({ code: 'REFUSED', status: 401 });
    media.send({ type: 'answer', id: 1 });
    expect(await media.next('response')).toMatchObject({ id: 1, ok: true });
    media.socket.close(4411);
    await media.closed;
    control.socket.close(1000);
  });

  it('a media token of an offer that was declined is refused', async () => {
    const { control, offer } = await offered();
    control.send({ type: 'decline', offerId: offer.offerId });
    await control.next('offer.cancelled');
    await expect(open('media', offer.mediaToken)).rejects.toMatchObject({ code: 'REFUSED', status: 401 });
    control.socket.close(1000);
  });

  it('a peer that reads nothing is cut off, and the caller is not left with it', async () => {
    const { control, offer } = await offered();
    const { hostname, port } = new URL(server.url);
    const tcp = connectTcp({ host: hostname, port: Number(port) });
    tcp.on('error', () => undefined);
    await once(tcp, 'connect');
    const lost = new Promise<void>((resolve) => {
      callSwitch.onTimeline(({ kind, callId }) => callId === offer.callId && kind === 'agent_lost' && resolve());
    });
    tcp.write(
      `GET ${paths.media} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: ${subprotocols.media}\r\n` +
        `Authorization: Bearer ${offer.mediaToken}\r\n\r\n`,
    );
    await once(tcp, 'data');
    tcp.pause();
    for (const message of [
      { type: 'attach', sampleRateHz: 24_000 },
      { type: 'answer', id: 1 },
    ])
      tcp.write(textFrame(message));
    await lost;
    tcp.destroy();
    control.socket.close(1000);
  });
});

/** A masked WebSocket text frame, its mask all zeros. */
function textFrame(message: object): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(message));
  return Uint8Array.from([0x81, 0x80 | text.length, 0, 0, 0, 0, ...text]);
}
