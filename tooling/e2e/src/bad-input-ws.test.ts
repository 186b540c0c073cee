import { once } from 'node:events';
import { get } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import { createAuthority } from '@agentao-tooling/certs';
import { tone } from '@agentao/audio';
import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { sleep } from '@agentao/clock';
import { type AnyMessage, encode, encodeFrame, limits, paths, subprotocols, tracks } from '@agentao/protocol';
import { createApiKey, createOperatorToken, createSwitch } from '@agentao/switch';
import { createScriptedPhones, type Phone } from '@agentao/switch/testing';
import type { Socket, SocketClose, SocketOpenError, SocketServer, SocketTls } from '@agentao/transport';
import { createWsConnector, listenWs } from '@agentao/transport/ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { maskedText } from './masked-text.ts';
import { clock } from './real-line.ts';

// One switch on real ports. A client is in a call from the first test to the last; beside it everybody else misbehaves, each on a connector of its own.
const numbers = { healthy: '+15550000', rough: '+15550666', mutual: '+15550777' } as const;
const keys = { healthy: createApiKey(), rough: createApiKey(), mutual: createApiKey() } as const;
type ConnectorName = keyof typeof numbers;
const mtls = { certificates: [{ commonName: 'owner' }, { commonName: 'stranger' }] };
const connectorOf = (uuid: ConnectorName) => ({ uuid, numbers: [numbers[uuid]], keys: [keys[uuid].stored], ...mtls });

const operator = createOperatorToken();
const phones = createScriptedPhones({ clock });
const callSwitch = createSwitch({
  clock,
  legs: [phones],
  operators: { tokenSha256: operator.sha256, dev: true },
  connectors: [connectorOf('healthy'), connectorOf('rough'), connectorOf('mutual')],
  // One test makes the switch talk as fast as it can to a client that does not read.
  limits: { mediaMessagesPerSecond: 100_000 },
});
const { onUpgrade } = callSwitch;
/** What has happened, each as its kind and the call. */
const happened = new Set<string>();
callSwitch.onTimeline(({ kind, callId }) => void happened.add(`${kind} ${callId}`));
const connectWs = createWsConnector({ clock });
/** One second that can be repeated without a seam; a tick of it left out or repeated shows in its phase. */
const voice = tone({ frequencyHz: 601, durationMs: 1_000, sampleRateHz: 24_000, levelDb: -15 });
const healthy = { caller: phones.phone('+15550001'), nextPosition: -1, jumps: 0, startMs: 0 };
let client: AgenTaoClient;
let server: SocketServer;
let agent: RawPeer;

beforeAll(async () => {
  server = await listenWs({ clock, port: 0, onUpgrade });
  callSwitch.start();
  const access = { apiKey: keys.healthy.key, connectorUuid: 'healthy', baseUrl: server.url };
  client = new AgenTaoClient(AgenTaoClientConfig.sandbox(access));
  client.on(events.INCOMING_CALL, async (call) => {
    call.audio$().subscribe(({ samples, positionSamples }) => {
      if (healthy.nextPosition >= 0 && positionSamples !== healthy.nextPosition) healthy.jumps++;
      healthy.nextPosition = positionSamples + samples.length;
    });
    await call.answer();
    for (;;) await call.sendAudio(voice, { wait: true });
  });
  await client.connect();
  await callSwitch.whenReady('healthy');
  healthy.caller.dial(numbers.healthy);
  await eventually(() => healthy.caller.levelDb() > -60, 'no voice in the healthy call');
  healthy.startMs = clock.now() - healthy.caller.heardMs;
  agent = await openAgent('rough');
});

afterAll(async () => {
  healthy.caller.hangUp();
  await client.disconnect();
  await callSwitch.close();
  await server.close();
});

afterEach(expectUnbroken);

/** What a peer must not send, and the close code it gets. */
type Offence = readonly [what: string, code: number, data: string | Uint8Array];

const attach = { type: 'attach', sampleRateHz: 24_000 } as const;
const ownAudio = { track: tracks.agent, generation: 0, flags: 0, position: 0 };
const malformed: Offence = ['a text that is not JSON', 4400, '{"type":'];
const oversizedText: Offence = ['a text too large', 1009, 'x'.repeat(200_000)];
const oversizedBytes: Offence = ['a binary message too large', 1009, new Uint8Array(200_000)];
const oddLength: Offence = ['audio of odd length', 4424, new Uint8Array(9)];
const beyondCredit: Offence = ['audio beyond its credit', 4425, encodeFrame(ownAudio, new Int16Array(24_001))];
const outOfOrder = (message: AnyMessage): Offence => [`${message.type} out of turn`, 4422, encode(message)];
const invalidToken = { status: 401, code: 'INVALID_TOKEN' };

describe.each<readonly [string, () => Promise<RawPeer>, readonly Offence[]]>([
  [
    'a control connection that has not said hello',
    () => open('control', keys.rough.key),
    [malformed, oversizedText, outOfOrder({ type: 'ready', ready: true })],
  ],
  [
    'a control session',
    () => openSession(),
    [malformed, oversizedText, oversizedBytes, outOfOrder({ type: 'hello', client: 'raw' })],
  ],
  [
    'a media connection that has not attached',
    async () => open('media', (await placeCall()).token),
    [malformed, oversizedText, oversizedBytes, outOfOrder({ type: 'answer', id: 1 })],
  ],
  [
    'an attached media connection',
    async () => (await answerCall()).media,
    [malformed, oversizedText, oversizedBytes, outOfOrder(attach), oddLength, beyondCredit],
  ],
  [
    'a phone that is not registered',
    () => open('phone', operator.token),
    [malformed, oversizedText, outOfOrder({ type: 'dial', to: numbers.rough })],
  ],
  [
    'a phone',
    openPhone,
    [malformed, oversizedText, oddLength, outOfOrder({ type: 'register', number: '+15550005', sampleRateHz: 24_000 })],
  ],
])('%s', (_, openPeer, offences) => {
  it.each(offences)('that sends %s is closed with %i', async (_what, code, data) => {
    const peer = await openPeer();
    peer.socket.send(data.slice());
    expect(await eventually(() => peer.closed, 'not closed')).toMatchObject({ code });
  });
});

describe('what is not known', () => {
  it('as a command gets UNKNOWN_COMMAND, and the connection stays', async () => {
    const { media } = await answerCall();
    media.socket.send('{"type":"levitate","id":7}');
    const response = await media.next('response', ({ id }) => id === 7);
    expect(response).toMatchObject({ ok: false, error: { code: 'UNKNOWN_COMMAND' } });
    await expectToStay(media);
  });

  it.each([
    ['a control session', () => openSession()],
    ['a phone', openPhone],
  ])('as a message is ignored, and %s stays', async (_, openPeer) => {
    const peer = await openPeer();
    peer.socket.send('{"type":"levitate","id":7}');
    await expectToStay(peer);
  });
});

describe('a wrong credential', () => {
  it.each([
    ['control', createApiKey().key],
    ['control', operator.token],
    ['phone', keys.rough.key],
  ] as const)('on %s is refused with 401 UNAUTHENTICATED', async (path, token) => {
    expect(await refusalOf(connect(path, token))).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
  });

  it('is a media token that another client has used, before it attaches and after; that one stays', async () => {
    const { token } = await placeCall();
    const media = await open('media', token);
    expect(await refusalOf(connect('media', token))).toEqual(invalidToken);
    media.send(attach);
    await media.next('attached');
    expect(await refusalOf(connect('media', token))).toEqual(invalidToken);
    await expectToStay(media);
  });

  it('is a media token shown with the certificate of another client, or without: its owner still gets in', async ({
    onTestFinished,
  }) => {
    const authority = await createAuthority();
    const identity = await authority.issue({ commonName: 'localhost', role: 'server' });
    const issue = async (commonName: string): Promise<SocketTls> => {
      const { certificatePem, keyPem } = await authority.issue({ commonName, role: 'client' });
      return { ca: authority.certificatePem, cert: certificatePem, key: keyPem };
    };
    const [own, foreign] = [await issue('owner'), await issue('stranger')];
    const tls = { cert: identity.certificatePem, key: identity.keyPem, clientCa: authority.certificatePem };
    const mutual = await listenWs({ clock, port: 0, onUpgrade, tls });
    onTestFinished(() => mutual.close());
    const { token } = await placeCall('mutual', await openAgent('mutual', { url: mutual.url, tls: own }));
    expect(await refusalOf(connect('media', token, { url: mutual.url, tls: foreign }))).toEqual(invalidToken);
    expect(await refusalOf(connect('media', token))).toEqual(invalidToken);
    const media = await open('media', token, { url: mutual.url, tls: own });
    media.send(attach);
    expect(await media.next('attached')).toMatchObject({ state: 'PENDING' });
  });
});

describe.concurrent('in its own time', () => {
  it('a media token that comes late is refused with 401 INVALID_TOKEN', async () => {
    const { token, offerId } = await placeCall();
    await agent.next('offer.cancelled', (message) => message.offerId === offerId);
    expect(await refusalOf(connect('media', token))).toEqual(invalidToken);
  });

  it('a client that speaks and never reads is closed with 4428', async () => {
    const { token, caller, callId } = await placeCall();
    // Until it is started, a socket leaves everything in the connection.
    const socket = await connect('media', token);
    socket.send(encode(attach));
    socket.send(encode({ type: 'answer', id: 1 }));
    await eventually(() => caller.state === 'answered', 'not answered');
    // Each is answered with some 500 bytes; connection and switch hold a few MB of them.
    const unknown = JSON.stringify({ type: '\u0001'.repeat(64), id: 2 });
    const deadlineMs = clock.now() + 15_000;
    while (!happened.has(`agent_away ${callId}`) && clock.now() < deadlineMs) {
      for (let i = 0; i < 60; i++) socket.send(unknown);
      await sleep(clock, 10);
    }
    const peer = createRawPeer(socket);
    expect(await eventually(() => peer.closed, 'not closed')).toMatchObject({ code: 4428 });
  });

  it('a client that neither reads nor speaks is cut after 2 s though it never answers, and given up 5 s later', async ({
    onTestFinished,
  }) => {
    const { token, caller, callId } = await placeCall();
    const listening = await listenWs({ clock, port: 0, onUpgrade, closeTimeoutMs: 200 });
    onTestFinished(() => listening.close());
    const request = get(`${listening.url.replace('ws:', 'http:')}${paths.media}`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        'sec-websocket-protocol': subprotocols.media,
        authorization: `Bearer ${token}`,
      },
    });
    const [, tcp] = (await once(request, 'upgrade')) as [unknown, TcpSocket];
    tcp.on('error', () => undefined);
    onTestFinished(() => void tcp.destroy());
    tcp.write(maskedText(encode(attach)));
    tcp.write(maskedText(encode({ type: 'answer', id: 1 })));
    await eventually(() => caller.state === 'answered', 'not answered');
    expect(listening.socketCount).toBe(1);
    await eventually(() => listening.socketCount === 0, 'still connected');
    await eventually(() => happened.has(`agent_lost ${callId}`), 'still waited for');
    expect(caller.state).toBe('answered');
    caller.hangUp();
  });
});

it('has not cost the healthy call a tick', async () => {
  const { caller, nextPosition } = healthy;
  const wantedMs = caller.heardMs + 200;
  await eventually(() => caller.heardMs > wantedMs, 'the caller hears no more');
  await eventually(() => healthy.nextPosition > nextPosition + 4_800, 'the agent hears no more');
  expectUnbroken();
  const { ticks, skippedTicks, maxLatenessMs } = callSwitch.pacing.stats();
  if (maxLatenessMs > 50)
    console.warn(`the ear is not fully judged: a stall of ${maxLatenessMs} ms, ${skippedTicks} ticks left out`);
  expect(skippedTicks).toBeLessThan(ticks);
  expect(clock.now() - healthy.startMs - caller.heardMs - skippedTicks * 20).toBeLessThan(2_000);
});

/** Fails unless the agent has got every tick, and the caller every sample of the voice, without silence unless the machine stalled. */
function expectUnbroken(): void {
  const { skippedTicks, maxLatenessMs } = callSwitch.pacing.stats();
  // After a longer stall the switch leaves ticks out, as it must.
  if (skippedTicks > 0) return;
  expect(healthy.jumps).toBe(0);
  const heard = healthy.caller.heard();
  // It begins with a zero.
  const first = heard.findIndex((sample) => sample !== 0) - 1;
  let next = 0;
  let silent = 0;
  for (const sample of heard.subarray(first)) {
    if (sample === voice[next % voice.length]) next++;
    else if (sample === 0) silent++;
    else expect.fail(`the voice breaks at its sample ${next}`);
  }
  if (maxLatenessMs <= 50) expect(silent).toBe(0);
}

type MessageType = AnyMessage['type'];
type MessageOf<Type extends MessageType> = Extract<AnyMessage, { readonly type: Type }>;

/** A program of the other side that says whatever a test wants it to. */
interface RawPeer {
  readonly socket: Socket;
  /** How the connection ended, once it has. */
  readonly closed: SocketClose | undefined;
  send(message: AnyMessage): void;
  /** Resolves with the first message of a type that fits. */
  next<Type extends MessageType>(type: Type, fits?: (message: MessageOf<Type>) => boolean): Promise<MessageOf<Type>>;
}

function createRawPeer(socket: Socket): RawPeer {
  const messages: AnyMessage[] = [];
  let closed: SocketClose | undefined;
  const send = (message: AnyMessage): void => socket.send(encode(message));
  socket.start({
    text: (text) => {
      const message = JSON.parse(text) as AnyMessage;
      messages.push(message);
      if (message.type === 'ping') send({ type: 'pong', id: message.id });
    },
    binary: () => undefined,
    closed: (close) => {
      closed = close;
    },
  });
  return {
    socket,
    get closed() {
      return closed;
    },
    send,
    next: <Type extends MessageType>(type: Type, fits: (message: MessageOf<Type>) => boolean = () => true) => {
      const isWanted = (message: AnyMessage): message is MessageOf<Type> =>
        message.type === type && fits(message as MessageOf<Type>);
      return eventually(() => messages.find(isWanted), `no ${type}`);
    },
  };
}

type Path = keyof typeof paths;
/** Where to connect, if not to the common port. */
type Destination = Readonly<{ url?: string; tls?: SocketTls }>;

function connect(path: Path, token: string, { url = server.url, tls }: Destination = {}): Promise<Socket> {
  return connectWs({
    url: `${url}${paths[path]}`,
    subprotocols: [subprotocols[path]],
    headers: { authorization: `Bearer ${token}` },
    maxMessageBytes: limits.mediaMessageBytes,
    openTimeoutMs: 5_000,
    ...(tls === undefined ? {} : { tls }),
  });
}

async function open(path: Path, token: string, destination?: Destination): Promise<RawPeer> {
  return createRawPeer(await connect(path, token, destination));
}

async function openSession(name: ConnectorName = 'rough', destination?: Destination): Promise<RawPeer> {
  const control = await open('control', keys[name].key, destination);
  control.send({ type: 'hello', client: 'raw' });
  await control.next('welcome');
  return control;
}

/** A client that takes the calls of a connector. */
async function openAgent(name: ConnectorName, destination?: Destination): Promise<RawPeer> {
  const control = await openSession(name, destination);
  control.send({ type: 'ready', ready: true });
  await callSwitch.whenReady(name);
  return control;
}

let lastNumber = 0;
const freshNumber = (): string => `+1444${++lastNumber}`;

async function openPhone(): Promise<RawPeer> {
  const phone = await open('phone', operator.token);
  phone.send({ type: 'register', number: freshNumber(), sampleRateHz: 24_000 });
  await phone.next('registered');
  return phone;
}

type PlacedCall = Readonly<{ caller: Phone; token: string; offerId: string; callId: string }>;

/** A caller dials, and the connector's client gets the offer. */
async function placeCall(name: ConnectorName = 'rough', control: RawPeer = agent): Promise<PlacedCall> {
  const caller = phones.phone(freshNumber());
  caller.dial(numbers[name]);
  const { mediaToken: token, ...offer } = await control.next('offer', (made) => made.callerNumber === caller.number);
  return { caller, token, offerId: offer.offerId, callId: offer.callId };
}

async function answerCall(): Promise<PlacedCall & { readonly media: RawPeer }> {
  const call = await placeCall();
  const media = await open('media', call.token);
  media.send(attach);
  media.send({ type: 'answer', id: 1 });
  expect(await media.next('response')).toMatchObject({ id: 1, ok: true });
  return { ...call, media };
}

async function refusalOf(opening: Promise<Socket>): Promise<unknown> {
  const error = (await opening.catch((cause: unknown) => cause)) as SocketOpenError;
  const { code } = JSON.parse(error.body ?? '{}') as { readonly code?: string };
  return { status: error.status, code };
}

async function expectToStay(peer: RawPeer): Promise<void> {
  peer.send({ type: 'ping', id: 4_711 });
  expect(await peer.next('pong')).toEqual({ type: 'pong', id: 4_711 });
}

/** Resolves with what `look` finds; rejects after 10 s without. */
async function eventually<T>(look: () => T | false | undefined, failure: string): Promise<T> {
  const deadlineMs = clock.now() + 10_000;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (clock.now() > deadlineMs) throw new Error(`${failure} within 10 s`);
    await sleep(clock, 5);
  }
}
