import type { CallMode, OnHandlerError } from '@agentao/calls';
import fc from 'fast-check';

/** How the handler of a client behaves, beside what the acts have it do. */
export type Manner = 'waits' | 'serves' | 'returns' | 'throws' | 'hangs' | 'late';

/** One client. */
export interface ClientPlan {
  readonly sampleRate: 8_000 | 16_000 | 24_000;
  readonly maxCalls: number | undefined;
  readonly acceptsTakeover: boolean;
  readonly bufferSize: number;
  readonly manner: Manner;
  readonly onHandlerError: Extract<OnHandlerError, string> | 'function';
}

/** The two phones of one call. */
export interface PhonesPlan {
  readonly answerAfterMs: number | undefined;
  readonly reject: boolean;
  readonly answerFails: boolean;
  readonly answerTakesMs: number;
}

/** What an agent does. */
export type AgentAct =
  | {
      readonly do:
        | 'answer'
        | 'close'
        | 'handOver'
        | 'disconnect'
        | 'forceDisconnect'
        | 'clear'
        | 'setContext'
        | 'annotate'
        | 'dtmf';
    }
  | {
      readonly do: 'connect';
      readonly ringTimeSeconds: number;
      readonly mode: CallMode;
      readonly abortAfterMs: number | undefined;
    }
  | { readonly do: 'mode'; readonly mode: CallMode; readonly how: 'plain' | 'afterPlayout' | 'keepQueued' }
  | { readonly do: 'say'; readonly ms: number; readonly wait: boolean; readonly abortAfterMs: number | undefined }
  | { readonly do: 'play'; readonly ms: number; readonly abortAfterMs: number | undefined }
  | { readonly do: 'waitForPlayout'; readonly timeoutMs: number | undefined }
  | { readonly do: 'listen'; readonly party: 'mix' | 'caller' | 'callee'; readonly forMs: number | undefined };

/** What a person does with a phone. */
export type PhoneAct = {
  readonly do: 'dial' | 'pickUp' | 'reject' | 'callerHangsUp' | 'calleeHangsUp' | 'press' | 'talk';
};

/** What goes wrong between a client and the switch. */
export type NetworkAct =
  | { readonly do: 'cut' | 'halfOpen' | 'stale' | 'stall' | 'resume'; readonly channel: Channel; readonly way: Way }
  | { readonly do: 'cutAfter' | 'cutNextAfter'; readonly channel: Channel; readonly way: Way; readonly bytes: number }
  | { readonly do: 'latency'; readonly channel: Channel; readonly latencyMs: number }
  | { readonly do: 'reach'; readonly reach: Reach };

/** What becomes of a client or the switch. */
export type LifeAct = {
  readonly do: 'killProcess' | 'killMachine' | 'revokeKey' | 'drainClient' | 'pauseHandler' | 'reconnect';
};

export type Channel = 'control' | 'media';
export type Way = 'toClient' | 'toServer';
/** Whether new connections come about: they do, are refused at once, or are never answered. */
export type Reach = 'open' | 'refused' | 'unanswered';

/** One thing that happens, `afterMs` after the one before; `who` picks the call or the client it happens to. */
export type Act = { readonly afterMs: number; readonly who: number } & (
  | { readonly of: 'agent'; readonly act: AgentAct }
  | { readonly of: 'phone'; readonly act: PhoneAct }
  | { readonly of: 'network'; readonly act: NetworkAct }
  | { readonly of: 'life'; readonly act: LifeAct }
);

/** How a run comes to its end. */
export type Finale = 'hangUp' | 'drainClients' | 'drainSwitch' | 'closeSwitch';

/** One run. */
export interface Plan {
  readonly latencyMs: number;
  /** Seed of the clients' jitter. */
  readonly jitter: number;
  /** Whether conferences are offered to others when their agent is gone. */
  readonly offersConnected: boolean;
  readonly clients: readonly ClientPlan[];
  readonly phones: readonly PhonesPlan[];
  readonly acts: readonly Act[];
  readonly finale: Finale;
  /** Whether the network is whole again before the end. */
  readonly heals: boolean;
}

const mode = fc.constantFrom<CallMode>('barge', 'whisper', 'spy');
const soonMs = fc.option(fc.integer({ min: 0, max: 1_500 }), { nil: undefined, freq: 2 });
const channel = fc.constantFrom<Channel>('media', 'media', 'media', 'control');
const way = fc.constantFrom<Way>('toClient', 'toServer');
const bytes = fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 60_000 }));

const agentAct: fc.Arbitrary<AgentAct> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('answer' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('connect' as const),
      ringTimeSeconds: fc.integer({ min: 1, max: 3 }),
      mode,
      abortAfterMs: fc.option(fc.integer({ min: 0, max: 1_500 }), { nil: undefined, freq: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('mode' as const),
      mode,
      how: fc.constantFrom('plain' as const, 'afterPlayout' as const, 'keepQueued' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      ms: fc.integer({ min: 20, max: 1_500 }),
      wait: fc.boolean(),
      abortAfterMs: soonMs,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('play' as const),
      ms: fc.integer({ min: 20, max: 2_000 }),
      abortAfterMs: soonMs,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('waitForPlayout' as const), timeoutMs: soonMs }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('listen' as const),
      party: fc.constantFrom('mix' as const, 'caller' as const, 'callee' as const),
      forMs: soonMs,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'clear' as const,
        'clear' as const,
        'setContext' as const,
        'annotate' as const,
        'dtmf' as const,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'close' as const,
        'handOver' as const,
        'handOver' as const,
        'disconnect' as const,
        'forceDisconnect' as const,
      ),
    }),
  },
);

const phoneAct: fc.Arbitrary<PhoneAct> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constantFrom<PhoneAct['do'][]>('dial', 'pickUp', 'press', 'talk', 'talk') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom<PhoneAct['do'][]>('reject', 'callerHangsUp', 'calleeHangsUp') }),
  },
);

const networkAct: fc.Arbitrary<NetworkAct> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('cut' as const, 'halfOpen' as const, 'stale' as const, 'stall' as const, 'resume' as const),
      channel,
      way,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('cutAfter' as const, 'cutNextAfter' as const),
      channel,
      way,
      bytes,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('latency' as const), channel, latencyMs: fc.constantFrom(0, 15, 200) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('reach' as const),
      reach: fc.constantFrom<Reach>('open', 'open', 'open', 'refused', 'unanswered'),
    }),
  },
);

const lifeAct: fc.Arbitrary<LifeAct> = fc.record({
  do: fc.constantFrom<LifeAct['do'][]>(
    ...(['killProcess', 'killProcess', 'killMachine', 'revokeKey', 'drainClient'] as const),
    ...(['pauseHandler', 'pauseHandler', 'reconnect', 'reconnect'] as const),
  ),
});

const when = {
  afterMs: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 700 })),
  who: fc.nat({ max: 11 }),
};

/** Acts; those of a life weigh `lives`, all others 48. */
const act = (lives: number): fc.Arbitrary<Act> =>
  fc.oneof(
    { weight: 24, arbitrary: fc.record({ ...when, of: fc.constant('agent' as const), act: agentAct }) },
    { weight: 12, arbitrary: fc.record({ ...when, of: fc.constant('phone' as const), act: phoneAct }) },
    { weight: 12, arbitrary: fc.record({ ...when, of: fc.constant('network' as const), act: networkAct }) },
    { weight: lives, arbitrary: fc.record({ ...when, of: fc.constant('life' as const), act: lifeAct }) },
  );

const client: fc.Arbitrary<ClientPlan> = fc.record({
  sampleRate: fc.constantFrom(24_000 as const, 24_000 as const, 16_000 as const, 8_000 as const),
  maxCalls: fc.constantFrom(undefined, 1, 2),
  acceptsTakeover: fc.constantFrom(true, true, false),
  bufferSize: fc.constantFrom(1_048_576, 48_000),
  manner: fc.constantFrom<Manner>('waits', 'serves', 'serves', 'returns', 'throws', 'hangs', 'late'),
  onHandlerError: fc.constantFrom('disconnect' as const, 'close' as const, 'function' as const),
});

const phones: fc.Arbitrary<PhonesPlan> = fc.record({
  answerAfterMs: fc.constantFrom(undefined, 100, 700),
  reject: fc.nat({ max: 7 }).map((chance) => chance === 7),
  answerFails: fc.nat({ max: 9 }).map((chance) => chance === 9),
  answerTakesMs: fc.constantFrom(0, 0, 300),
});

/** A client that answers whatever it is given, and takes over. */
const server: fc.Arbitrary<ClientPlan> = fc.record({
  sampleRate: fc.constantFrom(24_000 as const, 8_000 as const),
  maxCalls: fc.constant(undefined),
  acceptsTakeover: fc.constant(true),
  bufferSize: fc.constant(48_000),
  manner: fc.constant<Manner>('serves'),
  onHandlerError: fc.constant('close' as const),
});

const world = {
  latencyMs: fc.constantFrom(0, 0, 7, 40),
  jitter: fc.nat({ max: 0xffff }),
  offersConnected: fc.boolean(),
  phones: fc.array(phones, { minLength: 1, maxLength: 3 }),
  finale: fc.constantFrom<Finale>('hangUp', 'hangUp', 'hangUp', 'drainClients', 'drainSwitch', 'closeSwitch'),
  heals: fc.nat({ max: 3 }).map((chance) => chance !== 0),
};

/** Every run there is: clients of all sorts, and such that hand calls on to each other. */
export const plan: fc.Arbitrary<Plan> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      ...world,
      clients: fc.array(client, { minLength: 1, maxLength: 3 }),
      acts: fc.array(act(3), { minLength: 1, maxLength: 120, size: 'max' }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...world,
      clients: fc.array(server, { minLength: 3, maxLength: 4 }),
      acts: fc.array(act(6), { minLength: 1, maxLength: 120, size: 'max' }),
    }),
  },
);
