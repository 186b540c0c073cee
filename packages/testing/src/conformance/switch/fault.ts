import { NonConformance } from '../check.ts';
import type { SwitchBench } from './bench.ts';
import { check, type SwitchCheck } from './make-check.ts';
import { type AudioToSend, closeName, type Peer } from './peer.ts';

/** What a check does on a connection, one after another: says a text, bytes, a message, audio; waits for a response; or what depends on the credit. */
export type Step =
  | string
  | Uint8Array
  | { readonly type: string; readonly [field: string]: unknown }
  | { readonly audio: AudioToSend }
  | { readonly responseTo: number }
  | ((credit: number) => Step);

/** Audio as a step. */
export function audio(position: number, samples: number, more: Omit<AudioToSend, 'samples' | 'position'> = {}): Step {
  return { audio: { position, samples, ...more } };
}

/** A command as a step. */
export function command(type: string, id = 1, fields: object = {}): Step {
  return { type, id, ...fields };
}

/**
 * A row of a table: what is said, and what comes of it. Close codes as `closes NAME`, responses as `ok` or their code, events,
 * errors, in their order; `stays open` for nothing.
 */
export type FaultRow = readonly [clauses: string, what: string, expected: string, ...steps: Step[]];

/** Checks on a control connection that has said `hello`. */
export function controlFaults(rows: readonly FaultRow[]): readonly SwitchCheck[] {
  return faults(rows, (bench) => bench.control());
}

/** Checks on a control connection that has said nothing. */
export function firstControlFaults(rows: readonly FaultRow[]): readonly SwitchCheck[] {
  return faults(rows, (bench) => bench.open('control', bench.site.apiKey));
}

/** Checks on a media connection in PENDING. */
export function mediaFaults(rows: readonly FaultRow[]): readonly SwitchCheck[] {
  return faults(rows, async (bench) => (await bench.call()).media);
}

/** Checks on a media connection that has said nothing. */
export function firstMediaFaults(rows: readonly FaultRow[]): readonly SwitchCheck[] {
  return faults(rows, async (bench) => bench.openMedia((await bench.offered()).offer.mediaToken));
}

/** Checks on a registered phone. */
export function phoneFaults(rows: readonly FaultRow[]): readonly SwitchCheck[] {
  return faults(rows, (bench) => bench.phone(bench.site.nextCaller()));
}

/** Checks on a phone connection that has said nothing. */
export function firstPhoneFaults(rows: readonly FaultRow[]): readonly SwitchCheck[] {
  return faults(rows, (bench) => bench.open('phone', bench.operatorToken));
}

/** Checks on a monitor that has got its snapshot. */
export function monitorFaults(rows: readonly FaultRow[]): readonly SwitchCheck[] {
  return faults(rows, (bench) => bench.monitor());
}

function faults(rows: readonly FaultRow[], open: (bench: SwitchBench) => Promise<Peer>): readonly SwitchCheck[] {
  return rows.map(([clauses, what, expected, ...steps]) =>
    check(clauses, `${what}: ${expected}`, async (bench) => {
      const peer = await open(bench);
      const from = peer.heard.length;
      for (const step of steps) await take(peer, step);
      await comes(peer, expected, from);
    }),
  );
}

async function take(peer: Peer, step: Step): Promise<void> {
  if (peer.close !== undefined) return;
  if (typeof step === 'function') {
    await take(peer, step((await peer.message('attached')).upTo));
  } else if (typeof step === 'string') peer.sendText(step);
  else if (step instanceof Uint8Array) peer.sendBytes(step);
  else if ('responseTo' in step) await peer.message('response', ({ id }) => id === step['responseTo']);
  else if ('audio' in step) peer.sendAudio(step['audio'] as AudioToSend);
  else peer.send(step);
}

/** Waits until what came since `from` reads as expected, and sees that nothing else comes behind it. */
async function comes(peer: Peer, expected: string, from = 0): Promise<void> {
  const reads = (): string => summary(peer, from);
  const ends = expected.includes('closes ');
  if (expected !== 'stays open') {
    const asExpected = (): true | undefined => (reads() === expected ? true : undefined);
    const wrongEnd = (): boolean => peer.close !== undefined && reads() !== expected;
    await peer
      .until(expected, () => (wrongEnd() ? true : asExpected()))
      .catch((error: unknown) => {
        throw error instanceof NonConformance ? new NonConformance(expected, reads()) : error;
      });
  }
  if (!ends && peer.close === undefined) await peer.settled();
  if (reads() !== expected) throw new NonConformance(expected, reads());
  if (!ends && peer.close !== undefined) throw new NonConformance(expected, peer.describe());
}

function summary(peer: Peer, from: number): string {
  const parts: string[] = [];
  for (const entry of peer.heard.slice(from)) {
    if (entry.kind === 'closed') parts.push(`closes ${closeName(entry.close.code)}`);
    if (entry.kind !== 'message') continue;
    const { message } = entry;
    if (message.type === 'response') parts.push(message.ok ? 'ok' : message.error.code);
    else if (message.type === 'error') parts.push(message.code);
    else if (message.type === 'event') parts.push(message.event.type);
  }
  return parts.join(', ') || 'stays open';
}
