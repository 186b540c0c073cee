import { type ActiveCall, AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { createVirtualClock, type VirtualClock } from '@agentao/clock';
import { limits } from '@agentao/protocol';
import { createApiKey, createSwitch, type Switch, type TimelineEntry } from '@agentao/switch';
import { createScriptedPhones, type Phone } from '@agentao/switch/testing';
import type { SocketServer } from '@agentao/transport';
import { createMemoryNetwork, type MemoryNetwork } from '@agentao/transport/memory';
import { actAsAgent, type Stage } from './agent-acts.ts';
import { type ClientNetwork, createClientNetwork } from './client-network.ts';
import { aborted, createLedger, type Ledger } from './ledger.ts';
import { createMortalClock } from './mortal-clock.ts';
import type { ClientPlan, Plan } from './plan.ts';
import { createWaitingBytes, type WaitingBytes } from './waiting-bytes.ts';
import { type WatchedCall, watchCall } from './watched-call.ts';
import { createWitness, type Witness } from './witness.ts';

/** One client, its network, and who it was to the switch. */
export interface WorldClient {
  readonly client: AgenTaoClient;
  readonly network: ClientNetwork;
  readonly keyId: string;
  readonly sessionIds: ReadonlySet<string>;
  readonly dead: boolean;
  /** It was drained, or its key revoked: it takes no calls any more. */
  retired: boolean;
  /** Takes no calls for a moment. */
  pauseHandler(): void;
  /** Timers that its code has set. */
  readonly pendingTimers: number;
  /** Its code never runs again. */
  kill(): void;
}

/** The phones of one call. */
export interface PhonePair {
  readonly caller: Phone;
  readonly callee: Phone;
}

/** A switch, its clients and its phones on one virtual clock, with everything noted that happens. */
export interface World {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly callSwitch: Switch;
  readonly server: SocketServer;
  readonly clients: readonly WorldClient[];
  readonly pairs: readonly PhonePair[];
  /** Phones that nobody uses before the end. */
  readonly probes: readonly PhonePair[];
  readonly calls: readonly WatchedCall[];
  readonly timeline: readonly TimelineEntry[];
  readonly ledger: Ledger;
  readonly witness: Witness;
  readonly waiting: WaitingBytes;
  readonly stage: Stage;
}

const host = '127.0.0.1:7350';
const connectorUuid = 'chaos';

/** Uniform in [0, 1) and the same for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Opens it, with every client connected and ready. */
export async function openWorld(plan: Plan): Promise<World> {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const network = createMemoryNetwork({ clock, latencyMs: plan.latencyMs });
  const ledger = createLedger();
  const witness = createWitness((text) => ledger.complaints.push(text));
  const phones = createScriptedPhones({ clock });
  const pairs = plan.phones.map(({ answerAfterMs, reject, answerFails, answerTakesMs }, index) => ({
    caller: phones.phone(`+155501${index}`, { answerFails, answerTakesMs }),
    callee: phones.phone(`+155599${index}`, { reject, ...(answerAfterMs === undefined ? {} : { answerAfterMs }) }),
  }));
  const probes = plan.clients.map((_, index) => ({
    caller: phones.phone(`+155502${index}`),
    callee: phones.phone(`+155598${index}`),
  }));
  const keys = plan.clients.map(() => createApiKey());
  const callSwitch = createSwitch({
    clock,
    legs: [witness.listenIn(phones)],
    connectors: [
      {
        uuid: connectorUuid,
        numbers: ['+155598*', '+155599*'],
        keys: keys.map(({ stored }) => stored),
        takeover: { connected: plan.offersConnected },
        limits: { maxPendingMs: 9_000, maxCallMs: 25_000, agentlessRingMs: 3_000 },
      },
    ],
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (fields, message) => void ledger.complaints.push(`the switch: ${message} ${JSON.stringify(fields)}`),
    },
  });
  const timeline: TimelineEntry[] = [];
  callSwitch.onTimeline((entry) => {
    timeline.push(entry);
    witness.timeline(entry);
  });
  const waiting = createWaitingBytes();
  const onUpgrade = waiting.watching(callSwitch.onUpgrade);
  const server = network.listen({ host, onUpgrade, onRequest: callSwitch.onRequest });
  callSwitch.start();

  // Far from the deadlines that stand in errors, which would be taken for keys in a log.
  let number = 40_001;
  const stage: Stage = {
    ledger,
    used: new Map(),
    contexts: new Map(),
    nowMs: () => clock.now(),
    faultMs: (client) => clients[client]?.network.faultMs ?? 0,
    nextNumber: () => number++,
    abortAfter(ms) {
      if (ms === undefined) return undefined;
      const controller = new AbortController();
      clock.setTimer(clock.now() + ms, () => controller.abort(aborted));
      return controller.signal;
    },
  };
  const calls: WatchedCall[] = [];
  const onFault = (text: string): void => void ledger.complaints.push(text);
  const clients: readonly WorldClient[] = plan.clients.map((clientPlan, index): WorldClient => {
    const mortal = createMortalClock(clock);
    const own = createClientNetwork(network, { clock: mortal, name: `client${index}`, onSocket: waiting.add, onFault });
    const { key, stored } = keys[index] as (typeof keys)[number];
    const { sampleRate, maxCalls, acceptsTakeover, bufferSize, onHandlerError } = clientPlan;
    const config = AgenTaoClientConfig.sandbox({
      apiKey: key,
      connectorUuid,
      baseUrl: `ws://${host}`,
      sampleRate,
      acceptsTakeover,
      bufferSize,
      onHandlerError: onHandlerError === 'function' ? () => Promise.reject(aborted) : onHandlerError,
      ...(maxCalls === undefined ? {} : { maxCalls }),
    });
    const random = createRandom(plan.jitter + index);
    const client = new AgenTaoClient(config, { clock: mortal, random, transport: own.connect });
    const sessionIds = new Set<string>();
    client.connection$.subscribe((state) => {
      if (state.name === 'connected') sessionIds.add(state.sessionId);
    });
    const take = (call: ActiveCall): Promise<void> => {
      if (call.takenOver && !acceptsTakeover) ledger.complaints.push(`client ${index} never wanted ${call.callId}`);
      const watched = watchCall(call, index, stage);
      calls.push(watched);
      return handle(watched, clientPlan, { stage, clock });
    };
    let release = client.on(events.INCOMING_CALL, take);
    let paused = false;
    let dead = false;
    return {
      client,
      network: own,
      keyId: stored.keyId,
      sessionIds,
      retired: false,
      pauseHandler() {
        if (paused) return;
        paused = true;
        release();
        clock.setTimer(clock.now() + 300, () => {
          paused = false;
          if (!dead) release = client.on(events.INCOMING_CALL, take);
        });
      },
      get pendingTimers() {
        return mortal.pendingTimers;
      },
      get dead() {
        return dead;
      },
      kill() {
        dead = true;
        mortal.kill();
        own.kill();
      },
    };
  });
  const connected = clients.map(({ client }) => client.connect());
  await clock.runUntil(Promise.all([...connected, callSwitch.whenReady(connectorUuid)]), { maxMs: 5_000 });
  return {
    clock,
    network,
    callSwitch,
    server,
    clients,
    pairs,
    probes,
    calls,
    timeline,
    ledger,
    witness,
    waiting,
    stage,
  };
}

/** What the client's handler does by itself. */
async function handle(
  watched: WatchedCall,
  { manner }: ClientPlan,
  { stage, clock }: { readonly stage: Stage; readonly clock: VirtualClock },
): Promise<void> {
  const { call }: { readonly call: ActiveCall } = watched;
  if (manner === 'hangs') await new Promise<never>(() => undefined);
  if (manner === 'serves') {
    actAsAgent(watched, { do: 'answer' }, stage);
    actAsAgent(watched, { do: 'say', ms: 2_000, wait: true, abortAfterMs: undefined }, stage);
  }
  if (manner === 'throws') {
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.setTimer(clock.now() + 900, resolve);
    await promise;
    // A switch that does not hear how the call is to end is not waited for.
    const thrownMs = clock.now();
    void call.ended.then(() => {
      if (clock.now() >= thrownMs + limits.commandTimeoutMs) watched.forced = true;
    });
    throw new TypeError('a handler that is not well');
  }
  if (manner === 'returns') return;
  await call.ended;
  if (manner !== 'late') return;
  const { promise, resolve } = Promise.withResolvers<void>();
  clock.setTimer(clock.now() + 1_500, resolve);
  await promise;
  await call.sendDtmf('1');
}
