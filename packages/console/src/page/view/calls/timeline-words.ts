import type { TimelineEntry } from '@agentao/protocol';
import type { TimelineLine } from '../../monitor/monitor.ts';

/** One line of the timeline as it is shown. */
export interface ShownLine {
  readonly atMs: number;
  readonly what: string;
  readonly details: string;
  readonly kind: 'command' | 'event' | 'state' | 'fault' | 'other';
}

type Fields = Readonly<Record<string, unknown>>;

/** What the client library sends of its own accord, and no agent asks for; and what is told by a note. */
const internalCommands: ReadonlySet<unknown> = new Set(['tracks', 'annotate']);

/** The lines of a timeline: of a state only what has changed, commands and events under their own names. */
export function shownTimeline(timeline: readonly TimelineLine[]): readonly ShownLine[] {
  const shown: ShownLine[] = [];
  let before: Fields = {};
  for (const { atMs, entry } of timeline) {
    const { kind, ...fields } = entry;
    if (kind !== 'state') {
      const line = shownEntry(entry);
      if (line !== undefined) shown.push({ atMs, ...line });
      continue;
    }
    const changes = Object.entries(fields).filter(([name, value]) => before[name] !== value);
    before = fields;
    const details = describe(Object.fromEntries(changes));
    if (details !== '') shown.push({ atMs, what: 'state', details, kind });
  }
  return shown;
}

function shownEntry({ kind, ...fields }: TimelineEntry): Omit<ShownLine, 'atMs'> | undefined {
  if (kind === 'command') {
    const { command, ...others } = fields;
    if (internalCommands.has(command)) return undefined;
    return { what: `command ${String(command)}`, details: describe(others), kind };
  }
  if (kind === 'event') {
    const { event, ...others } = fields;
    const isFault = event === 'call.error' || 'errorCode' in others;
    return { what: String(event), details: describe(others), kind: isFault ? 'fault' : kind };
  }
  if (kind === 'note') return shownNote(fields);
  const isFault = kind === 'fault' || kind === 'agent_lost';
  return { what: kind.replaceAll('_', ' '), details: describe(fields), kind: isFault ? 'fault' : 'other' };
}

/** What was said, and done by tools, is in the transcript. */
function shownNote({ note, data }: Fields): Omit<ShownLine, 'atMs'> | undefined {
  if (note === 'transcript' || note === 'tool') return undefined;
  const isFields = typeof data === 'object' && data !== null;
  const { text: _, heardText: __, ...fields } = isFields ? (data as Fields) : { data };
  return { what: `note ${String(note)}`, details: describe(fields), kind: 'other' };
}

function describe(fields: Fields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
