import { createVirtualClock, type VirtualClock } from '@agentao/clock';
import { createApiKey, createSwitch, type Switch } from '@agentao/switch';
import { createMemoryNetwork, type MemoryNetwork } from '@agentao/transport/memory';
import { createSeededRandom } from '../cuts/seeded-random.ts';
import { createDayAgents, type DayAgents } from './day-agents.ts';
import { type DayCall, planDay } from './day-plan.ts';
import { createDayPhones, type DayCaller, type DayPhones } from './day-phones.ts';

/** How the day is to be. */
export interface DayOptions {
  readonly calls: number;
  readonly seed: number;
  /** Told at each quarter of the day, while all stands still. */
  readonly onQuarter: (quarter: 1 | 2 | 3 | 4) => void;
}

/** What came of the day. */
export interface DayOutcome {
  readonly accepted: number;
  readonly refused: number;
  /** Calls by reason and by whom, as the switch told it. */
  readonly endings: ReadonlyMap<string, number>;
  /** Calls that ended more than once, or never, on either side. */
  readonly endedOtherThanOnce: number;
  /** Mean time from the arrival to the end. */
  readonly meanSeconds: number;
  readonly mostAtOnce: number;
  readonly faults: readonly string[];
  readonly agents: Pick<DayAgents, 'handled' | 'unsettled' | 'endings'>;
  readonly phones: Pick<DayPhones, 'heardTicks' | 'loudTicks' | 'openLegs'>;
  readonly ticks: number;
  readonly left: { readonly calls: number; readonly connections: number; readonly timers: number };
}

const host = '127.0.0.1:7350';
const dayMs = 86_400_000;
/** Long enough for the last caller to be done. */
const eveningMs = 300_000;

/** Runs it: switch, clients and phones on one virtual clock, over memory sockets. */
export async function runDay({ calls, seed, onQuarter }: DayOptions): Promise<DayOutcome> {
  const random = createSeededRandom(seed);
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const network = createMemoryNetwork({ clock, latencyMs: 0 });
  const phones = createDayPhones(clock);
  const { key: apiKey, stored } = createApiKey();
  const connectorUuid = 'day';
  const callSwitch = createSwitch({
    clock,
    legs: [phones],
    connectors: [{ uuid: connectorUuid, numbers: ['*'], keys: [stored], limits: { agentlessRingMs: 5_000 } }],
  });
  const tally = createTally(callSwitch);
  const server = network.listen({ host, onUpgrade: callSwitch.onUpgrade, onRequest: callSwitch.onRequest });
  callSwitch.start();

  const plans = new Map<string, DayCall>();
  const agents = createDayAgents(5, {
    clock,
    transport: network.connect,
    random,
    sandbox: { apiKey, connectorUuid, baseUrl: `ws://${host}` },
    planOf: (number) => plans.get(number),
  });
  const connected = agents.clients.map((client) => client.connect());
  await clock.runUntil(Promise.all([...connected, callSwitch.whenReady(connectorUuid)]), { maxMs: 5_000 });

  const dialling = startDialling({ clock, phones, plans, planned: planDay(calls, random) });
  const startedMs = clock.now();
  for (const quarter of [1, 2, 3, 4] as const) {
    await clock.advance(startedMs + (quarter * dayMs) / 4 - clock.now());
    if (quarter < 4) onQuarter(quarter);
  }
  await clock.advance(eveningMs);
  onQuarter(4);

  const { ticks } = callSwitch.pacing.stats();
  const liveAtTheEnd = callSwitch.calls.length;
  await clock.runUntil(Promise.all(agents.clients.map((client) => client.drain({ timeoutMs: 0 }))), { maxMs: 5_000 });
  await clock.runUntil(Promise.all([callSwitch.close(), server.close()]), { maxMs: 5_000 });
  await clock.advance(60_000);
  return {
    ...dialling.outcome(),
    endings: tally.endings,
    endedOtherThanOnce: tally.endedOtherThanOnce() + dialling.endedOtherThanOnce(),
    meanSeconds: tally.meanSeconds(),
    mostAtOnce: dialling.mostAtOnce(),
    faults: [...tally.faults, ...agents.faults],
    agents: { handled: agents.handled, unsettled: agents.unsettled, endings: agents.endings },
    phones: { heardTicks: phones.heardTicks, loudTicks: phones.loudTicks, openLegs: phones.openLegs },
    ticks,
    left: { calls: liveAtTheEnd, connections: leftOpen(network), timers: clock.pendingTimers },
  };
}

function leftOpen(network: MemoryNetwork): number {
  return network.connections().length;
}

interface Tally {
  readonly endings: Map<string, number>;
  readonly faults: string[];
  endedOtherThanOnce(): number;
  meanSeconds(): number;
}

/** Counts what the switch tells of its calls; keeps nothing of a call that is over. */
function createTally(callSwitch: Switch): Tally {
  const endings = new Map<string, number>();
  const faults: string[] = [];
  const live = new Set<string>();
  let strange = 0;
  let ended = 0;
  let totalMs = 0;
  callSwitch.onTimeline(({ callId, kind, atMs, reason, by, message }) => {
    if (kind === 'arrived') live.add(callId);
    if (kind === 'fault') faults.push(String(message));
    if (kind !== 'ended') return;
    if (!live.delete(callId)) strange++;
    const name = `${String(reason)} by ${String(by)}`;
    endings.set(name, (endings.get(name) ?? 0) + 1);
    ended++;
    totalMs += atMs;
  });
  return {
    endings,
    faults,
    endedOtherThanOnce: () => strange + live.size,
    meanSeconds: () => totalMs / 1_000 / Math.max(1, ended),
  };
}

interface Dialling {
  outcome(): { readonly accepted: number; readonly refused: number };
  /** Callers whose leg was over more than once, or never. */
  endedOtherThanOnce(): number;
  mostAtOnce(): number;
}

interface DiallingOptions {
  readonly clock: VirtualClock;
  readonly phones: DayPhones;
  readonly plans: Map<string, DayCall>;
  readonly planned: readonly DayCall[];
}

/** Has each call dialled when it is due. */
function startDialling({ clock, phones, plans, planned }: DiallingOptions): Dialling {
  const startedMs = clock.now();
  const live = new Map<string, DayCaller>();
  let accepted = 0;
  let refused = 0;
  let strange = 0;
  let most = 0;

  const place = (plan: DayCall, index: number): void => {
    const number = `+1555${String(index).padStart(6, '0')}`;
    plans.set(number, plan);
    phones.callees.set(number, { manner: plan.callee, paceMs: plan.paceMs });
    const over = (): void => {
      patience.cancel();
      live.delete(number);
      plans.delete(number);
      phones.callees.delete(number);
      // Once more, if it is told again.
      queueMicrotask(() => {
        if (caller.ends !== 1) strange++;
      });
    };
    const patience = clock.setTimer(clock.now() + plan.patienceMs, () => caller.hangUp());
    const caller = phones.dial('+15550001', number, over);
    if (!caller.outcome.accepted) {
      refused++;
      return;
    }
    accepted++;
    live.set(number, caller);
    most = Math.max(most, live.size);
  };
  const next = (index: number): void => {
    const plan = planned[index];
    if (plan === undefined) return;
    clock.setTimer(startedMs + plan.atMs, () => {
      place(plan, index);
      next(index + 1);
    });
  };
  next(0);
  return {
    outcome: () => ({ accepted, refused }),
    endedOtherThanOnce: () => strange + live.size,
    mostAtOnce: () => most,
  };
}
