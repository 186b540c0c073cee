import { createVirtualClock, createWheel, type VirtualClock } from '@agentao/clock';
import {
  type CallEventMessage,
  frameFlags,
  type IncomingTrack,
  type MediaCommand,
  type MediaRateHz,
  type MediaResponse,
  type TakeoverState,
  tracks,
} from '@agentao/protocol';
import type { Leg } from '../legs/leg.ts';
import type { Phone, PhoneOptions } from '../testing/scripted-phone.ts';
import { createScriptedPhones } from '../testing/scripted-phones.ts';
import type { AgentAttachment, AgentLink } from './agent-link.ts';
import type { Call, CallEnding, TimelineEntry } from './call.ts';
import { type CallLimits, createCall, type TakeoverPolicy } from './create-call.ts';
import { type CallPrompts, defaultPrompts } from './prompts.ts';

type WithoutId<Command> = Command extends unknown ? Omit<Command, 'id'> : never;

/** Everything an agent was told, in order. */
export type Told =
  | { readonly type: 'event'; readonly event: CallEventMessage }
  | { readonly type: 'response'; readonly response: MediaResponse }
  | { readonly type: 'credit'; readonly generation: number; readonly upTo: number }
  | { readonly type: 'playout'; readonly generation: number; readonly played: number }
  | { readonly type: 'ended' };

/** An agent without a socket: it sends what credit allows, and remembers all it is told. */
export interface TestAgent extends AgentLink {
  readonly told: readonly Told[];
  readonly events: readonly CallEventMessage[];
  readonly heard: {
    readonly track: IncomingTrack;
    readonly samples: Int16Array;
    readonly position: number;
    readonly gapBefore: boolean;
  }[];
  /** Position after the last sample accepted, sent or not. */
  readonly accepted: number;
  /** Runs a command; its response if there is one yet. */
  run(command: WithoutId<MediaCommand>): MediaResponse | undefined;
  /** What it was told when it got the call. */
  readonly attachment: AgentAttachment;
  /** The id of the last command. */
  readonly lastId: number;
  response(response: MediaResponse): void;
  responseTo(id: number): MediaResponse | undefined;
  /** Accepts audio; sends what credit allows now and the rest as credit comes. */
  say(samples: Int16Array, options?: { readonly endOfTrack?: boolean }): void;
  /** What a `clear` or a `discard` must carry now; what is not sent yet is dropped. */
  discard(): { readonly generation: number; readonly position: number };
}

/** A call between two scripted phones on a virtual clock. */
export interface CallBench {
  readonly clock: VirtualClock;
  readonly caller: Phone;
  readonly callee: Phone;
  readonly call: Call;
  readonly timeline: readonly TimelineEntry[];
  readonly endings: readonly CallEnding[];
  /** How often the call asked for an agent. */
  readonly wanted: number;
  /** What there was to take over each time; `undefined` for a new call. */
  readonly wants: readonly (TakeoverState | undefined)[];
  /** Gives the call to a new agent. Throws `Error` where it takes none. */
  attach(options?: AgentOptions): TestAgent;
}

/** How a test's agent is connected. */
export interface AgentOptions {
  readonly sampleRateHz?: MediaRateHz;
  readonly tracks?: readonly IncomingTrack[];
  readonly roundTripMs?: number;
}

/** How a bench differs from the ordinary. */
export interface BenchOptions {
  readonly caller?: PhoneOptions;
  readonly callee?: PhoneOptions;
  readonly limits?: Partial<CallLimits>;
  readonly takeover?: TakeoverPolicy;
  readonly prompts?: CallPrompts;
  readonly ring?: (number: string, from: string) => Leg | undefined;
}

/** Makes a bench whose caller has just dialled. */
export function createCallBench(options: BenchOptions = {}): CallBench {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const wheel = createWheel({
    clock,
    onError: (error) => {
      throw error;
    },
  });
  const phones = createScriptedPhones({ clock });
  const timeline: TimelineEntry[] = [];
  const endings: CallEnding[] = [];
  const wants: (TakeoverState | undefined)[] = [];
  let call: Call | undefined;
  phones.start({
    incoming(incoming) {
      call = createCall({
        callId: 'call-1',
        connectorUuid: 'connector-1',
        incoming,
        clock,
        wheel,
        limits: { maxPendingMs: 120_000, maxCallMs: 14_400_000, agentlessRingMs: 60_000, ...options.limits },
        takeover: { connected: false, ...options.takeover },
        prompts: options.prompts ?? defaultPrompts,
        ring: options.ring ?? ((number, from) => phones.ring({ callId: 'call-1', number, from })),
        onWantsAgent: ({ takeover }) => void wants.push(takeover),
        onTimeline: (entry) => timeline.push(entry),
        onChanged: () => undefined,
        onEnded: (_, ending) => endings.push(ending),
      });
      return { accepted: true, callId: call.callId };
    },
  });
  const caller = phones.phone('+15550001', options.caller);
  const callee = phones.phone('+15559999', options.callee);
  caller.dial(callee.number);
  if (call === undefined) throw new Error('the call was not made');
  const made = call;

  return {
    clock,
    caller,
    callee,
    call: made,
    timeline,
    endings,
    wants,
    get wanted() {
      return wants.length;
    },
    attach(agentOptions) {
      const agent = createTestAgent(made, agentOptions);
      const attachment = made.attach(agent);
      if (attachment === undefined) throw new Error('the call takes no agent');
      agent.attached(attachment);
      return agent;
    },
  };
}

function createTestAgent(
  call: Call,
  { sampleRateHz = 24_000, tracks: wanted = ['mix'], roundTripMs = 0 }: AgentOptions = {},
): TestAgent & { attached(attachment: AgentAttachment): void } {
  const told: Told[] = [];
  const heard: TestAgent['heard'] = [];
  let unsent: { samples: Int16Array; endOfTrack: boolean }[] = [];
  let id = 0;
  let generation = 0;
  let sent = 0;
  let accepted = 0;
  let upTo = 0;
  let windowSamples = 0;
  let attachment: AgentAttachment | undefined;

  const pump = (): void => {
    for (let first = unsent[0]; first !== undefined && sent < upTo; first = unsent[0]) {
      const part = first.samples.subarray(0, upTo - sent);
      const whole = part.length === first.samples.length;
      const flags = whole && first.endOfTrack ? frameFlags.endOfTrack : 0;
      call.audio({ track: tracks.agent, generation, flags, position: sent }, part);
      sent += part.length;
      if (whole) unsent.shift();
      else first.samples = first.samples.subarray(part.length);
    }
  };

  return {
    clientId: 'client-1',
    sampleRateHz,
    tracks: wanted,
    roundTripMs,
    told,
    heard,
    get events() {
      return told.flatMap((item) => (item.type === 'event' ? [item.event] : []));
    },
    get accepted() {
      return accepted;
    },
    get lastId() {
      return id;
    },
    get attachment() {
      if (attachment === undefined) throw new Error('the agent has no call yet');
      return attachment;
    },
    attached(told) {
      attachment = told;
      ({ generation, upTo, windowSamples } = told);
    },
    run(command) {
      id++;
      call.command({ ...command, id });
      return this.responseTo(id);
    },
    responseTo: (wantedId) =>
      told.flatMap((item) => (item.type === 'response' && item.response.id === wantedId ? [item.response] : []))[0],
    say(samples, { endOfTrack = false } = {}) {
      unsent.push({ samples: samples.slice(), endOfTrack });
      accepted += samples.length;
      pump();
    },
    discard() {
      unsent = [];
      generation = (generation + 1) & 0xff;
      sent = accepted;
      upTo = accepted + windowSamples;
      return { generation, position: accepted };
    },
    audio: (track, samples, frame) => heard.push({ track, samples: samples.slice(), ...frame }) > 0,
    event: (event) => void told.push({ type: 'event', event }),
    response: (response) => void told.push({ type: 'response', response }),
    credit(forGeneration, position) {
      told.push({ type: 'credit', generation: forGeneration, upTo: position });
      if (forGeneration !== generation) return;
      upTo = position;
      pump();
    },
    playout: (forGeneration, played) => void told.push({ type: 'playout', generation: forGeneration, played }),
    ended: () => void told.push({ type: 'ended' }),
  };
}

/** Samples that tell their position: never zero, 1 to 30,000 over and over. */
export function marked(from: number, count: number): Int16Array {
  return Int16Array.from({ length: count }, (_, i) => 1 + ((from + i) % 30_000));
}
