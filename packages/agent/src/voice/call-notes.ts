import type { ActiveCall } from '@agentao/calls';
import { limits } from '@agentao/protocol';
import type { ToolRun, Turn, Utterance } from '../conversation.ts';
import type { ModelUsage } from '../live-model.ts';
import { cutName, cutText } from './cut-text.ts';

/** Two texts and what is beside them fit into one note: bytes of a text as JSON. */
const mostTextBytes = (limits.annotationBytes - 1_024) / 2;

/** Writes what only the agent knows on the record of the call: `transcript`, `turn`, `tool`, `usage`, `agent`. Nothing of it ever fails a call. */
export class CallNotes {
  readonly #call: ActiveCall;

  constructor(call: ActiveCall) {
    this.#call = call;
  }

  transcript(utterance: Utterance): void {
    const { cutOff } = utterance;
    void this.#write('transcript', {
      ...utterance,
      atMs: Math.round(utterance.atMs),
      text: cut(utterance.text),
      ...(cutOff === undefined ? {} : { cutOff: { ...cutOff, heardText: cut(cutOff.heardText) } }),
    });
  }

  turn(turn: Turn): void {
    const { startMs, endMs, latencyMs } = turn;
    void this.#write('turn', {
      ...turn,
      startMs: rounded(startMs),
      endMs: rounded(endMs),
      latencyMs: rounded(latencyMs),
      text: cut(turn.text),
      heardText: cut(turn.heardText),
    });
  }

  tool(run: ToolRun): void {
    void this.#write('tool', {
      ...run,
      id: cutName(run.id),
      name: cutName(run.name),
      startMs: Math.round(run.startMs),
      durationMs: Math.round(run.durationMs),
    });
  }

  /** The last ones, resolved when they are written or cannot be. */
  async end(summary: { readonly model: string; readonly outcome: string; readonly usage: ModelUsage }): Promise<void> {
    const { usage, ...agent } = summary;
    await Promise.all([this.#write('usage', usage), this.#write('agent', agent)]);
  }

  #write(kind: string, data: object): Promise<void> {
    return this.#call.annotate(kind, data).catch(() => {});
  }
}

function cut(text: string): string {
  return cutText(text, mostTextBytes);
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms);
}
