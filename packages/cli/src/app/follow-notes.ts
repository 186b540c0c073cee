import type { Switch, TimelineEntry } from '@agentao/switch';
import { callerNumber } from '../call/run-call.ts';
import type { Stage } from '../call/stage.ts';
import { showDuration } from '../output/units.ts';

/** What the agent of a call has told of it so far. */
export interface FollowedNotes {
  readonly turns: number;
  readonly tools: number;
  /** From the caller's last word to the agent's first sound, at the ear. */
  readonly medianReplyMs: number;
  stop(): void;
}

type Fields = Readonly<Record<string, unknown>>;

/** Tells the turns and tools of the next call of the simulated caller as its agent notes them; no turn as heard before `notBeforeMs`, when the caller was answered. */
export function followNotes(
  { clock, report }: Stage,
  sw: Pick<Switch, 'onTimeline'>,
  { notBeforeMs }: { readonly notBeforeMs: () => number },
): FollowedNotes {
  let callId: string | undefined;
  let arrivedMs = 0;
  let turns = 0;
  let tools = 0;
  const replyMs: number[] = [];

  const turn = ({ text, heardText, startMs, latencyMs, interrupted }: Fields): void => {
    turns += 1;
    const words = String(interrupted === true ? `${String(heardText)} -` : text);
    if (typeof startMs !== 'number') return;
    if (typeof latencyMs === 'number') replyMs.push(latencyMs);
    const detail = typeof latencyMs === 'number' ? `${showDuration(latencyMs)} after the caller` : '';
    report.check(Math.max(arrivedMs + startMs, notBeforeMs()), { who: 'agent', what: words, ok: true, detail });
  };

  const tool = ({ name, outcome, startMs, durationMs }: Fields): void => {
    tools += 1;
    const detail = `${String(outcome)}, ${showDuration(Number(durationMs))}`;
    // One that the caller cut short was not wanted any more.
    const ok = outcome === 'ok' || outcome === 'cancelled';
    const hint = 'In a demonstration every tool is to work: see what the agent has written, and the rules of the app.';
    report.check(arrivedMs + Number(startMs), { who: 'agent', what: `uses ${String(name)}`, ok, detail, hint });
  };

  const stop = sw.onTimeline((entry: TimelineEntry) => {
    if (entry.kind === 'arrived' && callId === undefined && entry['from'] === callerNumber) {
      callId = entry.callId;
      arrivedMs = clock.now() - entry.atMs;
    }
    const { data } = entry;
    if (entry.callId !== callId || entry.kind !== 'note' || typeof data !== 'object' || data === null) return;
    if (entry['note'] === 'turn') turn(data as Fields);
    else if (entry['note'] === 'tool') tool(data as Fields);
  });
  return {
    get turns() {
      return turns;
    },
    get tools() {
      return tools;
    },
    get medianReplyMs() {
      return replyMs.toSorted((a, b) => a - b)[replyMs.length >> 1] ?? 0;
    },
    stop,
  };
}
