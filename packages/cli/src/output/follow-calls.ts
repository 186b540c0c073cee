import type { Switch, TimelineEntry } from '@agentao/switch';
import { printable } from './printable.ts';
import type { Terminal } from './terminal.ts';

type Fields = Readonly<Record<string, unknown>>;
type Untimed = Fields & Pick<TimelineEntry, 'callId' | 'kind'>;

/** What the client library sends of its own accord, and no agent asks for; and what is told by a note. */
const internalCommands: ReadonlySet<unknown> = new Set(['tracks', 'annotate']);

/** Prints each call's timeline as the switch tells it, until the returned function is called. */
export function followCalls(terminal: Terminal, sw: Pick<Switch, 'onTimeline'>): () => void {
  const { colours } = terminal;
  const states = new Map<string, Fields>();

  const told = ({ callId, kind, ...rest }: Untimed): readonly [kind: string, fields: Fields] => {
    if (kind === 'event') {
      const { event, ...others } = rest;
      return [String(event), others];
    }
    if (kind === 'command') {
      const { command, ...others } = rest;
      return [`command ${String(command)}`, others];
    }
    if (kind === 'ended') states.delete(callId);
    if (kind !== 'state') return [kind, rest];
    const before = states.get(callId) ?? {};
    states.set(callId, rest);
    const isNew = ([name, value]: [string, unknown]): boolean => JSON.stringify(value) !== JSON.stringify(before[name]);
    return [kind, Object.fromEntries(Object.entries(rest).filter(isNew))];
  };

  return sw.onTimeline(({ atMs, ...entry }) => {
    if (entry.kind === 'command' && internalCommands.has(entry['command'])) return;
    const [kind, fields] = told(entry);
    const rest = describe(fields);
    if (kind === 'state' && rest === '') return;
    const seconds = (atMs / 1000).toFixed(3).padStart(7);
    const id = printable(entry.callId.slice(-6));
    terminal.line(`  ${colours.dim(`${seconds} s  ${id}`)}  ${printable(kind).padEnd(14)}  ${rest}`.trimEnd());
  });
}

function describe(fields: Fields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => printable(`${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`))
    .join(', ');
}
