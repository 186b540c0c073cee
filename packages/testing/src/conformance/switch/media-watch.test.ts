import { frameFlags } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { createMediaWatch } from './media-watch.ts';
import type { SwitchMessage } from './peer.ts';

const attached: SwitchMessage = {
  type: 'attached',
  state: 'PENDING',
  mode: null,
  atMs: 1,
  generation: 0,
  upTo: 1_600,
  windowSamples: 1_600,
  resumeToken: 'rt_1',
  resumeWithinMs: 10_000,
};
const answered = (seq: number): SwitchMessage => ({ type: 'event', seq, event: { type: 'call.answered', atMs: 5 } });
const end: SwitchMessage = {
  type: 'event',
  seq: 1,
  event: { type: 'call.terminated', atMs: 5, reason: 'left', by: 'agent' },
};
const ok = (id: number): SwitchMessage => ({ type: 'response', id, ok: true, result: {} });
const credit = (upTo: number, generation = 0): SwitchMessage => ({ type: 'credit', generation, upTo });
const playout = (played: number): SwitchMessage => ({ type: 'playout', generation: 0, played, audible: true, atMs: 9 });

/** Rules that were broken by these messages behind `attach` and two commands. */
function broken(...messages: readonly SwitchMessage[]): readonly string[] {
  const found: string[] = [];
  const watch = createMediaWatch((clause) => found.push(clause));
  watch.sent?.({ type: 'attach', sampleRateHz: 8_000 });
  for (const id of [1, 2]) watch.sent?.({ type: 'answer', id });
  for (const message of messages) watch.heard({ kind: 'message', message, atMs: 0 });
  return found;
}

/** Rules that were broken by audio of these positions, of 160 samples each. */
function brokenBy(
  ...frames: readonly (readonly [position: number, flags?: number, generation?: number])[]
): readonly string[] {
  const found: string[] = [];
  const watch = createMediaWatch((clause) => found.push(clause));
  watch.heard({ kind: 'message', message: attached, atMs: 0 });
  for (const [position, flags = 0, generation = 0] of frames) {
    const frame = { header: { track: 0, generation, flags, position }, samples: new Int16Array(160) };
    watch.heard({ kind: 'audio', frame, atMs: 0 });
  }
  return found;
}

describe('on a media connection the kit sees', () => {
  it('nothing wrong in what is right', () => {
    expect(broken(attached, answered(1), ok(1), credit(2_400), playout(800), playout(800), ok(2))).toEqual([]);
    expect(brokenBy([800], [960], [1_280, frameFlags.gapBefore])).toEqual([]);
  });

  const faults: readonly (readonly [what: string, clause: string, messages: readonly SwitchMessage[]])[] = [
    ['something before `attached`', 'M-02', [ok(1), attached]],
    ['`attached` twice', 'M-02', [attached, attached]],
    ['an event that repeats a number', 'M-09', [attached, answered(1), answered(1)]],
    ['an event that leaves a number out', 'M-09', [attached, answered(2)]],
    ['an unknown event that is not counted', 'M-09', [attached, { type: 'unknown', name: 'x', seq: 1 }, answered(1)]],
    ['an event behind the end', 'M-03', [attached, end, answered(2)]],
    ['two responses', 'M-06', [attached, ok(1), ok(1)]],
    ['a response to nothing', 'M-06', [attached, ok(3)]],
    ['credit that falls', 'A-08', [attached, credit(1_500)]],
    ['credit in small steps', 'A-12', [attached, credit(1_700)]],
    ['playout that falls', 'A-13', [attached, playout(800), playout(799)]],
  ];
  it.each(faults)('%s, by %s', (_, clause, messages) => {
    expect(broken(...messages)).toEqual([clause]);
  });

  it('audio that goes back, jumps unflagged, or has a generation or unknown flags', () => {
    expect(brokenBy([800], [800])).toEqual(['A-04']);
    expect(brokenBy([800], [1_120])).toEqual(['A-04']);
    expect(brokenBy([800, 0, 1])).toEqual(['A-01']);
    expect(brokenBy([800, 8])).toEqual(['A-01']);
  });
});
