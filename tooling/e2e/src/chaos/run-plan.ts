import { judgeTimeline } from './call-record.ts';
import { finishRun } from './finish-run.ts';
import { dial, performAct } from './perform-act.ts';
import type { Plan } from './plan.ts';
import { judgeWatched, type WatchedCall } from './watched-call.ts';
import { openWorld, type PhonePair, type World } from './world.ts';

/** What a run had in it, so that a test can tell whether it tests anything. */
export interface RunFigures {
  readonly calls: number;
  readonly verbs: number;
  readonly resumed: number;
  readonly displaced: number;
  readonly takenOver: number;
  readonly heardTicks: number;
  /** The most bytes that waited on one socket. */
  readonly peakBytes: number;
  readonly virtualMs: number;
}

/** A second of audio on each of three tracks, what is queued when that is noticed, and some messages. */
const mostWaitingBytes = 160_000;

/** Lets it all happen, and throws an `Error` that lists whatever is wrong. */
export async function runPlan(plan: Plan): Promise<RunFigures> {
  const world = await openWorld(plan);
  const { clock, ledger, calls, timeline, stage, witness, waiting } = world;
  // Somebody is on the phone from the beginning.
  dial(world.pairs[0]);
  for (const act of plan.acts) {
    await clock.advance(act.afterMs);
    waiting.look();
    performAct(world, act);
  }
  await finishRun(world, plan);
  ledger.complaints.push(...judge(world));
  if (ledger.complaints.length > 0) throw new Error(ledger.complaints.slice(0, 12).join('\n'));
  return {
    calls: calls.length,
    verbs: ledger.entries.length,
    resumed: calls.reduce((sum, { events }) => sum + events.filter(({ type }) => type === 'call.resumed').length, 0),
    displaced: world.clients.reduce((sum, { network }) => sum + network.displaced, 0),
    takenOver: calls.filter(({ call }) => call.takenOver).length,
    heardTicks: witness.ticks,
    peakBytes: waiting.peak,
    virtualMs: clock.now(),
  };

  function judge({ callSwitch, clients }: World): string[] {
    const wrong: string[] = [];
    const living = (watched: WatchedCall): boolean => clients[watched.client]?.dead === false;
    for (const { what, client, outcome } of ledger.entries) {
      if (outcome === 'pending' && clients[client]?.dead !== true) wrong.push(`never settled: ${what}`);
    }
    for (const watched of calls.filter(living)) wrong.push(...judgeWatched(watched));
    const ofClient = (id: string): number | undefined => {
      const index = clients.findIndex(({ sessionIds }) => sessionIds.has(id));
      return index < 0 ? undefined : index;
    };
    for (const [callId, entries] of Map.groupBy(timeline, (entry) => entry.callId)) {
      const seen = calls.filter((watched) => watched.call.callId === callId && living(watched));
      wrong.push(...judgeTimeline(entries, seen, ofClient));
    }
    for (const verb of ['answer', 'connect', 'dtmf', 'annotate']) {
      const run = timeline.filter(({ kind, command }) => kind === 'command' && command === verb).length;
      if (run > (stage.used.get(verb) ?? 0)) wrong.push(`${verb} was run ${run} times, used ${stage.used.get(verb)}`);
    }
    if (waiting.peak > mostWaitingBytes) wrong.push(`${waiting.peak} bytes waited for a peer that did not read`);
    wrong.push(...[...world.pairs, ...world.probes].flatMap(judgePhones));
    for (const { call } of calls) {
      if (clients.some(({ client, dead }) => !dead && client.getCall(call.callId) !== undefined)) {
        wrong.push(`a client still has ${call.callId}`);
      }
    }
    if (callSwitch.calls.length > 0) wrong.push(`${callSwitch.calls.length} calls are left in the switch`);
    if (clock.pendingTimers > 0) wrong.push(`${clock.pendingTimers} timers are left`);
    return wrong;
  }
}

function judgePhones({ caller, callee }: PhonePair): string[] {
  const wrong: string[] = [];
  for (const { number, events } of [caller, callee]) {
    const keys = events.flatMap((event) => (event.type === 'dtmf' && event.digits.length === 5 ? [event.digits] : []));
    if (new Set(keys).size !== keys.length)
      wrong.push(`phone ${number} was sent the same keys twice: ${keys.join(', ')}`);
  }
  return wrong;
}
