import { sleep } from '@agentao/clock';
import { type Call, createSwitch, type StoredApiKey, type TimelineEntry } from '@agentao/switch';
import { openRecords } from '@agentao/switch/records';
import { listenWs } from '@agentao/transport/ws';
import type { CallEnd } from '@agentao/calls';
import { createSteppedClock, leave, obey, tell } from './child-side.ts';
import { sharedNow } from './ear.ts';
import { packHearing } from './hearing.ts';
import { createPromptClip } from './prompt-clip.ts';

/** How this process is told what to be. */
export interface SwitchSetup {
  readonly connectors: readonly {
    readonly uuid: string;
    readonly line: number;
    readonly key: StoredApiKey;
    readonly recorded: boolean;
  }[];
  /** Where calls are written down, and some recorded; left out = nowhere. */
  readonly recordsFolder?: string;
  readonly operatorSha256: string;
  /** How long calls may go on after SIGTERM. */
  readonly drainTimeoutMs: number;
}

const setup = JSON.parse(process.env['CHAOS_SWITCH'] ?? '') as SwitchSetup;
const clock = createSteppedClock();
const errors: string[] = [];

interface Log {
  readonly arrivedMs: number;
  readonly changes: number[];
  readonly ends: CallEnd[];
  readonly faults: string[];
  calleeNumber: string;
  owners: number;
  resumes: number;
}
const logs = new Map<string, Log>();
const known = new Map<string, Call>();

// How late the ticks may be when a change is told: they were looked after between the last two beats at the latest.
const beatMs = 10;
let lastBeatMs = sharedNow();
let beatBeforeMs = lastBeatMs;
setInterval(() => {
  beatBeforeMs = lastBeatMs;
  lastBeatMs = sharedNow();
}, beatMs).unref();

const logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (fields: object, message: string) => {
    // What a full disk does is no error of the switch; it is searched for in the records.
    if (/^(recording stopped|call records)/.test(message) || errors.length >= 100) return;
    errors.push(`${message}: ${describe(fields)}`);
  },
};
const { recordsFolder } = setup;
const clip = createPromptClip();
const records =
  recordsFolder === undefined
    ? undefined
    : await openRecords({ folder: recordsFolder, clock, logger, consentClip: clip });
const callSwitch = createSwitch({
  clock,
  logger,
  ...(records && { records }),
  prompts: { nobodyLeft: clip, shuttingDown: clip },
  operators: { tokenSha256: setup.operatorSha256, dev: true },
  connectors: setup.connectors.map(({ uuid, line, key, recorded }, index) => ({
    uuid,
    numbers: [`+1555${line}*`],
    keys: [key],
    limits: { agentlessRingMs: 6_000 },
    takeover: { connected: index !== 1 },
    recording: recorded ? 'on' : 'off',
  })),
});

callSwitch.onTimeline((entry) => {
  const { callId, kind } = entry;
  const log = logOf(entry);
  if (kind === 'attached') log.owners++;
  if (kind === 'agent_resumed') log.resumes++;
  if (kind === 'fault') log.faults.push(String(entry['message']));
  if (kind === 'state' || kind === 'ended') {
    const heard = packHearing(hearingOf(callId));
    if (log.changes.at(-1) !== heard) {
      const nowMs = sharedNow();
      log.changes.push(nowMs, Math.max(0, nowMs - beatBeforeMs - 2 * beatMs), heard);
    }
  }
  if (kind !== 'ended') return;
  log.ends.push({ reason: entry['reason'] as CallEnd['reason'], by: entry['by'] as CallEnd['by'] });
  // What comes behind the end, if anything does, comes at once.
  if (log.ends.length === 1) setTimeout(() => send(callId, log), 1_000);
});

function logOf(entry: TimelineEntry): Log {
  const { callId } = entry;
  let log = logs.get(callId);
  if (log === undefined) {
    const arrivedMs = sharedNow() - entry.atMs;
    log = { arrivedMs, changes: [arrivedMs, 0, 0], ends: [], faults: [], calleeNumber: '', owners: 0, resumes: 0 };
    logs.set(callId, log);
  }
  if (entry.kind === 'arrived') log.calleeNumber = String(entry['to']);
  return log;
}

function send(callId: string, log: Log): void {
  logs.delete(callId);
  known.delete(callId);
  tell({ type: 'call', callId, ...log });
}

function hearingOf(callId: string): Parameters<typeof packHearing>[0] {
  let call = known.get(callId);
  if (call === undefined) {
    call = callSwitch.calls.find((candidate) => candidate.callId === callId);
    if (call === undefined) return { caller: [], callee: [], agent: [] };
    known.set(callId, call);
  }
  return call.hearing;
}

function describe(fields: object): string {
  const { err, ...rest } = fields as { readonly err?: unknown };
  return `${JSON.stringify(rest)} ${err instanceof Error ? (err.stack ?? err.message) : ''}`;
}

const server = await listenWs({
  clock,
  port: 0,
  onUpgrade: callSwitch.onUpgrade,
  onRequest: callSwitch.onRequest,
});
callSwitch.start();
obey(clock, () => ({ calls: callSwitch.calls.length, busy: server.socketCount, errors }));
process.on('SIGTERM', () => {
  tell({ type: 'draining' });
  void stop();
});
tell({ type: 'ready', url: server.url });

async function stop(): Promise<void> {
  await callSwitch.drain({ timeoutMs: setup.drainTimeoutMs });
  for (const [callId, log] of logs) if (log.ends.length > 0) send(callId, log);
  // The last words to the phones leave before their sockets do.
  await sleep(clock, 500);
  await callSwitch.close();
  await server.close();
  await records?.close();
  await leave();
}
