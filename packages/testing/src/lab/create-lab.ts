import type { SpeechBand } from '@agentao/audio/speech';
import {
  type ActiveCall,
  AgenTaoClient,
  AgenTaoClientConfig,
  type CallHandler,
  events,
  WSSCallClosedError,
} from '@agentao/calls';
import type { Clock } from '@agentao/clock';
import { createApiKey, createSwitch } from '@agentao/switch';
import { createMemoryRecords, createScriptedPhones, type Phone } from '@agentao/switch/testing';
import { createMemoryNetwork } from '@agentao/transport/memory';
import { createLabCall, type LabCall } from './lab-call.ts';
import { LabError } from './lab-error.ts';
import { createLabTime } from './lab-time.ts';

/** An app as it is tested: its handler, and what it wants to close in the end, while the clock of the lab still runs. */
export interface LabApp {
  readonly handler: CallHandler;
  close?(): unknown;
}

/** A whole system: a switch, a client with the handler, phones; in this process, on one clock, over memory sockets. */
export interface LabOptions {
  /** What takes the calls: this, or `app`. */
  readonly handler?: CallHandler;
  /** Makes it with the clock of the lab. */
  readonly app?: (environment: { readonly clock: Clock }) => LabApp | Promise<LabApp>;
  /**
   * `virtual` (default): time runs while a test waits for the lab, as fast as it can. `system`: real time, for what has sockets of its own;
   * a moment in which this process stands still does not count, so that no sound is lost in it.
   */
  readonly clock?: 'virtual' | 'system';
  /** Where virtual time begins. Default: 5 January 2026, 10:00 UTC, a Monday. */
  readonly startAt?: Date;
  /** Rate of the agent's audio. Default 24,000. */
  readonly sampleRateHz?: 8000 | 16_000 | 24_000;
  /** The number of the agent, and of the person whom it may ring. Default `+15559999`. */
  readonly number?: string;
  /** More numbers that lead to the agent, each of somebody else. */
  readonly moreNumbers?: readonly string[];
}

/** Where tests call from. Ends everything when it is disposed of, and throws `LabError` if a handler failed unseen, or something is left. */
export interface Lab extends AsyncDisposable {
  readonly clock: Clock;
  readonly number: string;
  /** The phone with this number, the same one each time; options count the first time. */
  phone(number: string, options?: LabPhoneOptions): LabPhone;
  /** The calls that the handler got, oldest first. */
  readonly calls: readonly ActiveCall[];
  /** What the handler returned for this one of `calls`, by default the first, or its rejection, once it is done. */
  handled(call?: ActiveCall): Promise<unknown>;
  /** What was written on the call's record with `annotate`. */
  annotations(callId: string): readonly { readonly kind: string; readonly data: unknown }[];
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
}

/** How somebody's phone behaves, and how they speak. */
export interface LabPhoneOptions {
  /** What it does when it is rung. Default: nothing; a test answers. */
  readonly whenRung?: 'nothing' | 'answers' | 'rejects';
  /** After how long it answers. Default 1,000. */
  readonly afterMs?: number;
  /** Default: `middle` for numbers of the lab, `low` for every other one. */
  readonly band?: SpeechBand;
}

/** A phone. */
export interface LabPhone {
  readonly number: string;
  /** Dials, by default the lab's number; see `LabCall.answered`. */
  call(to?: string): Promise<LabCall>;
  /** The call that rings here, once it does. */
  rung(options?: { readonly withinMs?: number }): Promise<LabCall>;
}

const host = '127.0.0.1:7350';
const connectorUuid = 'lab';
const defaultStart = new Date('2026-01-05T10:00:00Z');
const handlersEndWithinMs = 15_000;

interface Handling {
  readonly call: ActiveCall;
  readonly done: Promise<unknown>;
  outcome: 'running' | 'done' | 'failed';
  seen: boolean;
  error: unknown;
}

/** Makes a lab, ready for calls. Throws `TypeError` for options that are wrong. */
export async function createLab(options: LabOptions): Promise<Lab> {
  const { sampleRateHz = 24_000, number = '+15559999', moreNumbers = [], startAt = defaultStart } = options;
  const { handler, app: makeApp } = options;
  if ((handler === undefined) === (makeApp === undefined)) throw new TypeError('createLab: one of handler and app');
  const time = createLabTime(options.clock ?? 'virtual', startAt);
  const { clock } = time;
  const network = createMemoryNetwork({ clock });
  const phones = createScriptedPhones({ clock });
  const records = createMemoryRecords();
  const { key: apiKey, stored } = createApiKey();
  const callSwitch = createSwitch({
    clock,
    legs: [phones],
    records,
    connectors: [{ uuid: connectorUuid, numbers: [number, ...moreNumbers], keys: [stored] }],
  });
  const { onUpgrade, onRequest } = callSwitch;
  const server = network.listen({ host, onUpgrade, onRequest });
  callSwitch.start();
  const config = AgenTaoClientConfig.sandbox({
    apiKey,
    connectorUuid,
    baseUrl: `ws://${host}`,
    sampleRate: sampleRateHz,
  });
  const client = new AgenTaoClient(config, { clock, transport: network.connect });
  const app: LabApp = handler === undefined ? await (makeApp as NonNullable<typeof makeApp>)({ clock }) : { handler };
  const handlings: Handling[] = [];
  client.on(events.INCOMING_CALL, (call) => {
    const done = Promise.resolve().then(() => app.handler(call));
    const handling: Handling = { call, done, outcome: 'running', seen: false, error: undefined };
    handlings.push(handling);
    done.then(
      () => {
        handling.outcome = 'done';
      },
      (error: unknown) => {
        // As for the client: that the call has ended is no failure of who was at it.
        handling.outcome = error instanceof WSSCallClosedError && error.callId === call.callId ? 'done' : 'failed';
        handling.error = error;
      },
    );
    return done;
  });
  await time.run(Promise.all([client.connect(), callSwitch.whenReady(connectorUuid)]));

  const known = new Map<string, { readonly phone: Phone; readonly lab: LabPhone }>();
  const makePhone = (of: string, { whenRung = 'nothing', afterMs = 1_000, band }: LabPhoneOptions): LabPhone => {
    const phone = phones.phone(of, {
      ...(whenRung === 'answers' ? { answerAfterMs: afterMs } : {}),
      reject: whenRung === 'rejects',
    });
    const make = (): LabCall =>
      createLabCall({ phone, band: band ?? (of === number || moreNumbers.includes(of) ? 'middle' : 'low'), time });
    let told = 0;
    const lab: LabPhone = {
      number: of,
      call: async (to = number) => {
        const call = make();
        const outcome = phone.dial(to);
        if (!outcome.accepted) throw new LabError(`${of} cannot call ${to}: ${outcome.message}`);
        await time.run(Promise.resolve());
        return call;
      },
      rung: async ({ withinMs = 15_000 } = {}) => {
        const rings = (): true | undefined =>
          phone.state === 'ringing' || phone.state === 'answered' ? true : undefined;
        const before = phone.events.length;
        const isNew = (): true | undefined => {
          const ringing = phone.events.filter(({ type }) => type === 'ringing').length;
          return ringing > told && rings() ? true : undefined;
        };
        await time.until(isNew, withinMs, () => {
          const since = phone.events.slice(before).map(({ type }) => type);
          return `${of} did not ring within ${withinMs / 1000} s; since then: ${since.join(', ') || 'nothing'}.`;
        });
        told += 1;
        return make();
      },
    };
    known.set(of, { phone, lab });
    return lab;
  };

  const close = async (): Promise<void> => {
    for (const { phone } of known.values()) phone.hangUp();
    const running = (): Handling | undefined => handlings.find(({ outcome }) => outcome === 'running');
    const problems: string[] = [];
    await time
      .until(
        // A call that has only just been dialled ends like every other one.
        () => (running() === undefined && callSwitch.calls.length === 0 ? true : undefined),
        handlersEndWithinMs,
        () =>
          `${running()?.call.callId ?? 'A call'} has not ended ${handlersEndWithinMs / 1000} s after its caller hung up.`,
      )
      .catch((error: Error) => problems.push(error.message));
    await time.run(client.disconnect());
    await time.run(callSwitch.close());
    await time.run(Promise.resolve(server.close()));
    await time.run(Promise.resolve(app.close?.()));
    const failed = handlings.find(({ outcome, seen }) => outcome === 'failed' && !seen);
    if (failed !== undefined) {
      throw new LabError(`The handler of ${failed.call.callId} failed, and no test looked at it with handled().`, {
        cause: failed.error,
      });
    }
    const left = network.connections().length;
    if (left > 0) problems.push(`${left} sockets are left open.`);
    if (problems.length > 0) throw new LabError(problems.join(' '));
  };

  return {
    clock,
    number,
    phone: (of, phoneOptions = {}) => known.get(of)?.lab ?? makePhone(of, phoneOptions),
    get calls() {
      return handlings.map(({ call }) => call);
    },
    handled: (call) => {
      const handling = call === undefined ? handlings[0] : handlings.find((one) => one.call === call);
      if (handling === undefined) throw new LabError('The handler did not get that call.');
      handling.seen = true;
      return time.run(handling.done);
    },
    annotations: (callId) =>
      records.changes.flatMap((change) =>
        change.type === 'annotation' && change.callId === callId
          ? [{ kind: change.kind, data: JSON.parse(change.data) as unknown }]
          : [],
      ),
    pass: (ms) => {
      const endMs = clock.now() + ms;
      return time
        .until(
          () => (clock.now() >= endMs ? true : undefined),
          ms + 1,
          () => '',
        )
        .then(() => {});
    },
    [Symbol.asyncDispose]: close,
  };
}
