import type { Switch, TimelineEntry } from '@agentao/switch';
import type { Terminal } from './terminal.ts';

/** Prints each call's timeline as the switch tells it, until the returned function is called. */
export function followCalls(terminal: Terminal, sw: Switch): () => void {
  const { colours } = terminal;
  return sw.onTimeline((entry) => {
    const { callId, atMs, kind, ...fields } = entry;
    const seconds = (atMs / 1000).toFixed(3).padStart(7);
    const rest = describe(fields);
    terminal.line(`  ${colours.dim(`${seconds} s  ${callId.slice(-6)}`)}  ${kind.padEnd(12)}  ${rest}`.trimEnd());
  });
}

function describe(fields: Omit<TimelineEntry, 'callId' | 'atMs' | 'kind'>): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
