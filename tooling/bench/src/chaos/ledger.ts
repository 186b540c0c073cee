import type { CallEnd } from '@agentao/calls';
import type { EarReport } from './ear.ts';
import { type Hearer, voicesFor } from './hearing.ts';
import {
  type CallLog,
  endReasons,
  type LineReport,
  type PairReport,
  type PartBegun,
  type PartHeard,
  type PartOver,
} from './messages.ts';
import { searchEar } from './search-ear.ts';
import { readNumber, sampleRateHz } from './voices.ts';

/** What all sides told of all calls. */
export interface Ledger {
  pair(report: PairReport): void;
  call(log: CallLog): void;
  begun(agent: string, message: PartBegun): void;
  heard(agent: string, message: PartHeard): void;
  part(agent: string, message: PartOver): void;
  /** That process is gone, and will tell nothing more. */
  killed(agent: string): void;
  /** Handlers that are still to settle. */
  readonly unsettled: number;
  /** Calls whose phones are done and that the switch has not said to be over. */
  readonly orphans: number;
  judge(): Verdict;
}

/** What came of it all. */
export interface Verdict {
  /** What should not have been, in words. */
  readonly complaints: readonly string[];
  readonly calls: number;
  readonly refusals: ReadonlyMap<string, number>;
  readonly endings: ReadonlyMap<string, number>;
  readonly endedOtherThanOnce: number;
  readonly disagreements: number;
  readonly faults: number;
  readonly takenOver: number;
  readonly resumes: number;
  readonly partsKilled: number;
  readonly ears: number;
  readonly secondsHeard: number;
  readonly secondsOfVoices: number;
  readonly foreignVoices: number;
  readonly worstGapMs: number;
}

interface Part {
  readonly callId: string;
  readonly ears: Map<PartHeard['track'], { stretches: number[]; samples: number }>;
  over: PartOver | undefined;
  killed: boolean;
}

/** Whoever else hears, such as a recording, is one more hearer: what may be heard there is said in `hearing.ts`, and `search` does the rest. */
const hearerOf = { mix: 'agent', caller: 'agent:caller', callee: 'agent:callee' } as const;

/** Makes an empty one. */
export function createLedger(): Ledger {
  const pairs: PairReport[] = [];
  const calls = new Map<string, CallLog>();
  const parts = new Map<string, Part>();
  const twice: string[] = [];
  const partOf = (agent: string, { part, callId }: { part: number; callId: string }): Part => {
    const key = `${agent} ${part}`;
    let known = parts.get(key);
    if (known === undefined) parts.set(key, (known = { callId, ears: new Map(), over: undefined, killed: false }));
    return known;
  };

  return {
    pair: (report) => void pairs.push(report),
    call: (log) => {
      if (calls.has(log.callId)) twice.push(`${log.callId} went on after its end`);
      calls.set(log.callId, log);
    },
    begun: (agent, message) => void partOf(agent, message),
    heard: (agent, message) => {
      const { ears } = partOf(agent, message);
      const known = ears.get(message.track) ?? { stretches: [], samples: 0 };
      known.stretches.push(...message.ear.stretches);
      known.samples += message.ear.samples;
      ears.set(message.track, known);
    },
    part: (agent, message) => {
      const part = parts.get(`${agent} ${message.part}`);
      if (part === undefined || part.over !== undefined) twice.push(`a handler of ${agent} came to its end twice`);
      else part.over = message;
    },
    killed: (agent) => {
      for (const [key, part] of parts) if (key.startsWith(`${agent} `) && part.over === undefined) part.killed = true;
    },
    get unsettled() {
      return [...parts.values()].filter(({ over, killed }) => over === undefined && !killed).length;
    },
    get orphans() {
      return pairs.filter(({ callId }) => callId !== undefined && !calls.has(callId)).length;
    },
    judge: () => judge({ pairs, calls, parts: [...parts.values()], twice }),
  };
}

interface Books {
  readonly pairs: readonly PairReport[];
  readonly calls: ReadonlyMap<string, CallLog>;
  readonly parts: readonly Part[];
  readonly twice: readonly string[];
}

function judge({ pairs, calls, parts, twice }: Books): Verdict {
  const complaints: string[] = [];
  const endings = new Map<string, number>();
  const refusals = new Map<string, number>();
  const sums = { notOnce: twice.length, disagreements: 0, faults: 0, takenOver: 0, resumes: 0 };
  const found = { ears: 0, samples: 0, spokenMs: 0, foreign: 0, worstGapMs: 0 };
  complaints.push(...twice);

  const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);
  const once = (ends: readonly CallEnd[], whose: string, times = 1): void => {
    if (ends.length === times && ends.every(({ reason }) => endReasons.has(reason))) return;
    sums.notOnce++;
    complaints.push(`${whose} ended ${ends.length} times ${JSON.stringify(ends)}`);
  };
  const search = (
    hearer: Hearer,
    ear: Pick<EarReport, 'stretches' | 'samples'>,
    at: { log: CallLog; originMs: number },
  ): void => {
    const { log, originMs } = at;
    const allowed = voicesFor(hearer, readNumber(log.calleeNumber).slot, log);
    const { foreign, spokenMs, worstGapMs } = searchEar({ stretches: ear.stretches, originMs, allowed });
    found.ears++;
    found.samples += ear.samples;
    found.spokenMs += spokenMs;
    if (hearer === 'caller') found.worstGapMs = Math.max(found.worstGapMs, worstGapMs);
    found.foreign += foreign.length;
    for (const { voice, atMs, durationMs } of foreign) {
      const what = `${voice.role} of slot ${voice.slot} for ${durationMs.toFixed(0)} ms`;
      complaints.push(
        `${hearer} of ${log.callId} (slot ${readNumber(log.calleeNumber).slot}) heard ${what}, ${(atMs - log.arrivedMs).toFixed(0)} ms after its arrival; ${tellChanges(log)}`,
      );
    }
  };

  for (const log of calls.values()) {
    once(log.ends, log.callId);
    for (const { reason, by } of log.ends) count(endings, `${reason} by ${by}`);
    for (const fault of log.faults) complaints.push(`${log.callId}: ${fault}`);
    sums.faults += log.faults.length;
    sums.takenOver += Math.max(0, log.owners - 1);
    sums.resumes += log.resumes;
  }
  for (const { callId, refusal, caller, callee } of pairs) {
    if (refusal !== undefined) count(refusals, refusal);
    const log = callId === undefined ? undefined : calls.get(callId);
    for (const [hearer, line] of [
      ['caller', caller],
      ['callee', callee],
    ] as const) {
      if (line === undefined) continue;
      complaints.push(...line.anomalies);
      if (line.lost === undefined) once(line.ends, `the ${hearer} of ${callId}`, line.calls);
      if (log === undefined) continue;
      for (const ear of line.ears) if (ear.samples > 0) search(hearer, ear, { log, originMs: ear.originMs });
    }
    sums.disagreements += disagrees(caller, log) ? 1 : 0;
  }
  for (const { callId, ears, over, killed } of parts) {
    const log = calls.get(callId);
    if (over !== undefined) {
      complaints.push(...over.anomalies);
      const ends = over.ended === undefined ? [] : Array<CallEnd>(over.endEvents).fill(over.ended);
      once(ends, `an agent of ${callId}`);
    } else if (!killed) complaints.push(`a handler of ${callId} never came to its end`);
    if (log === undefined) continue;
    for (const [track, ear] of ears) search(hearerOf[track], ear, { log, originMs: log.arrivedMs });
  }
  return {
    complaints,
    calls: calls.size,
    refusals,
    endings,
    endedOtherThanOnce: sums.notOnce,
    disagreements: sums.disagreements,
    faults: sums.faults,
    takenOver: sums.takenOver,
    resumes: sums.resumes,
    partsKilled: parts.filter(({ killed }) => killed).length,
    ears: found.ears,
    secondsHeard: found.samples / sampleRateHz,
    secondsOfVoices: found.spokenMs / 1_000,
    foreignVoices: found.foreign,
    worstGapMs: found.worstGapMs,
  };
}

/** When it changed who hears whom, since the arrival; how late the switch was; and who, in bits. */
function tellChanges({ changes, arrivedMs }: CallLog): string {
  const told = changes.map((value, index) => Math.round(index % 3 === 0 ? value - arrivedMs : value));
  return `changes ${Array.from({ length: told.length / 3 }, (_, index) => told.slice(3 * index, 3 * index + 3).join('/')).join(' ')}`;
}

/** Whether the caller was told another end than the call had. */
function disagrees(caller: LineReport | undefined, log: CallLog | undefined): boolean {
  const [told] = caller?.ends ?? [];
  const [ended] = log?.ends ?? [];
  if (told === undefined || ended === undefined) return false;
  return told.reason !== ended.reason || told.by !== ended.by;
}
