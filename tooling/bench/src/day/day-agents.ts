import { tone } from '@agentao/audio';
import { type ActiveCall, AgenTaoClient, AgenTaoClientConfig, events, WSSError } from '@agentao/calls';
import { type Clock, sleep } from '@agentao/clock';
import type { SocketFactory } from '@agentao/transport';
import type { DayCall } from './day-plan.ts';

/** What the day's agents are made of. */
export interface DayAgentsOptions {
  readonly clock: Clock;
  readonly transport: SocketFactory;
  readonly sandbox: { readonly apiKey: string; readonly connectorUuid: string; readonly baseUrl: string };
  readonly random: () => number;
  /** The plan of the call that was dialled for this number. */
  readonly planOf: (calleeNumber: string) => DayCall | undefined;
}

/** Clients that share the day's calls. */
export interface DayAgents {
  readonly clients: readonly AgenTaoClient[];
  /** Handlers that have begun, and those of them that have not come to an end. */
  readonly handled: number;
  readonly unsettled: number;
  /** How often a part in a call was told its end by an event and by `ended`. */
  readonly endings: { readonly events: number; readonly promises: number };
  /** What was thrown and is no refusal of the switch. */
  readonly faults: readonly string[];
}

const greeting = tone({ frequencyHz: 440, durationMs: 400, sampleRateHz: 24_000, levelDb: -20 });

class Unwell extends Error {}

/** Makes `count` clients, each with the handler of all; `connect` is still to come. */
export function createDayAgents(count: number, options: DayAgentsOptions): DayAgents {
  const { clock, transport, random, planOf } = options;
  const passed = new WeakSet<DayCall>();
  const faults: string[] = [];
  let handled = 0;
  let unsettled = 0;
  let endEvents = 0;
  let endPromises = 0;

  const handOff = async (call: ActiveCall, { agent }: DayCall): Promise<void> => {
    const mode = agent === 'coach' ? 'whisper' : 'barge';
    await call.connect({ ringTimeSeconds: 4, mode });
    if (agent === 'hand_off') return call.close();
    await call.play(greeting);
    await call.spy();
    await call.barge();
  };

  const serve = async (call: ActiveCall, plan: DayCall): Promise<void> => {
    if (plan.agent === 'pass' && !passed.has(plan)) {
      passed.add(plan);
      return call.close();
    }
    if (plan.agent === 'throw') {
      await sleep(clock, plan.paceMs);
      throw new Unwell('a handler that is not well');
    }
    if (plan.agent === 'coach') return handOff(call, plan);
    await call.answer();
    await call.play(greeting);
    await call.setContext({ greeted: true });
    if (plan.agent === 'hand_off') return handOff(call, plan);
    if (plan.agent === 'talk' || plan.agent === 'pass') return;
    await sleep(clock, plan.paceMs);
    return plan.agent === 'disconnect' ? call.disconnect() : call.forceDisconnect();
  };

  const handle = async (call: ActiveCall): Promise<void> => {
    const plan = planOf(call.calleeNumber);
    handled++;
    unsettled++;
    call.on(events.CALL_TERMINATED, () => void endEvents++);
    void call.ended.then(() => void endPromises++);
    try {
      if (plan === undefined) throw new Error(`nobody has dialled ${call.calleeNumber}`);
      await serve(call, plan);
      await call.ended;
    } catch (error) {
      if (error instanceof Unwell) throw error;
      // The caller is gone, or nobody picked up: what a handler meets every day.
      if (!(error instanceof WSSError)) faults.push(String(error));
      if (call.state !== 'DISCONNECTED') await call.disconnect();
    } finally {
      unsettled--;
    }
  };

  const clients = Array.from({ length: count }, (_, index) => {
    const config = AgenTaoClientConfig.sandbox({
      ...options.sandbox,
      acceptsTakeover: index % 2 === 0,
      ...(index === 0 ? { maxCalls: 3 } : {}),
    });
    const client = new AgenTaoClient(config, { clock, transport, random });
    client.on(events.INCOMING_CALL, handle);
    return client;
  });

  return {
    clients,
    faults,
    get handled() {
      return handled;
    },
    get unsettled() {
      return unsettled;
    },
    get endings() {
      return { events: endEvents, promises: endPromises };
    },
  };
}
