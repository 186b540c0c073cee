import type { TimelineLine } from '../../monitor/monitor.ts';

/** One line of what was said and done, as it is shown. */
export type TranscriptLine =
  /** `unheard`: what was cut off. */
  | {
      readonly kind: 'speech';
      readonly atMs: number;
      readonly speaker: 'caller' | 'callee' | 'agent';
      readonly heard: string;
      readonly unheard: string;
    }
  | { readonly kind: 'tool'; readonly atMs: number; readonly name: string; readonly outcome: string };

type Fields = Readonly<Record<string, unknown>>;

const speakers: ReadonlySet<unknown> = new Set(['caller', 'callee', 'agent']);

/** What was said in a call and which tools were used, in order of its beginning, out of the notes of its agent. Notes of any other shape are left out. */
export function shownTranscript(timeline: readonly TimelineLine[]): readonly TranscriptLine[] {
  const lines: TranscriptLine[] = [];
  for (const { entry } of timeline) {
    if (entry.kind !== 'note' || !isObject(entry['data'])) continue;
    const data = entry['data'];
    const line = entry['note'] === 'transcript' ? speech(data) : entry['note'] === 'tool' ? tool(data) : undefined;
    if (line !== undefined) lines.push(line);
  }
  return lines.toSorted((a, b) => a.atMs - b.atMs);
}

function speech({ speaker, text, atMs, cutOff }: Fields): TranscriptLine | undefined {
  if (!speakers.has(speaker) || typeof text !== 'string' || typeof atMs !== 'number') return undefined;
  const heardText = isObject(cutOff) ? cutOff['heardText'] : undefined;
  const heard = typeof heardText === 'string' && text.startsWith(heardText) ? heardText : text;
  return { kind: 'speech', atMs, speaker: speaker as 'caller', heard, unheard: text.slice(heard.length) };
}

function tool({ name, outcome, startMs, durationMs }: Fields): TranscriptLine | undefined {
  if (typeof name !== 'string' || typeof outcome !== 'string' || typeof startMs !== 'number') return undefined;
  const took = typeof durationMs === 'number' ? `, ${durationMs} ms` : '';
  return { kind: 'tool', atMs: startMs, name, outcome: `${outcome}${took}` };
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
