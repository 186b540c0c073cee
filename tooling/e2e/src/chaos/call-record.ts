import type { AgentState, CallEvents } from '@agentao/calls';
import type { TimelineEntry } from '@agentao/switch';
import { stateAfter, type WatchedCall } from './watched-call.ts';

/** What may follow a stage: the call's table of the design. */
const stagesAfter: { readonly [stage: string]: readonly string[] } = {
  waiting: ['answered', 'connected', 'ended'],
  answered: ['connected', 'ended'],
  connected: ['ended'],
  ended: [],
};

/** One part of an agent in a call, as the switch saw it. */
interface Attachment {
  readonly clientId: string;
  readonly events: TimelineEntry[];
}

/** The events that either side may tell by itself. */
const local: ReadonlySet<unknown> = new Set(['call.audio_overflow', 'call.error']);

/** What is wrong with the timeline of one call that should be over, and with what its agents saw of it. */
export function judgeTimeline(
  entries: readonly TimelineEntry[],
  watched: readonly WatchedCall[],
  ofClient: (clientId: string) => number | undefined,
): string[] {
  const wrong: string[] = [];
  const complain = (text: string): void => void wrong.push(`${entries[0]?.callId}: ${text}`);
  const attachments: Attachment[] = [];
  let stage = 'waiting';
  let state: AgentState = 'DISCONNECTED';
  let said: TimelineEntry | undefined;
  let attached = false;

  for (const entry of entries) {
    if (entry.kind === 'fault') complain(`fault: ${String(entry['message'])}`);
    if (entry.kind === 'attached') {
      if (attached) complain('two agents at once');
      attachments.push({ clientId: String(entry['clientId']), events: [] });
      attached = true;
      state = 'DISCONNECTED';
    }
    if (entry.kind === 'state') {
      const next = String(entry['stage']);
      if (next !== stage && !stagesAfter[stage]?.includes(next)) complain(`${stage} leads to ${next}`);
      stage = next;
      said = entry;
      // An agent begins with what its call is.
      if (attached && state === 'DISCONNECTED') state = entry['state'] as AgentState;
    }
    if (entry.kind !== 'event') continue;
    const event = String(entry['event']);
    const attachment = attachments.at(-1);
    if (attachment === undefined || !attached) complain(`${event} without an agent`);
    const next = stateAfter(state, event);
    if (next === undefined) complain(`${event} in ${state}`);
    else state = next;
    attachment?.events.push(entry);
    if (event === 'call.terminated') attached = false;
    else if (said?.['state'] !== state) complain(`${event} in ${String(said?.['state'])}, not in ${state}`);
  }
  if (attached) complain('an agent was never told the end');
  const ends = entries.filter(({ kind }) => kind === 'ended');
  if (ends.length !== 1 || entries.at(-1)?.kind !== 'ended' || stage !== 'ended') {
    complain(`ended ${ends.length} times, ${stage}`);
  }

  const free = [...attachments];
  for (const seen of watched) {
    const index = free.findIndex((part) => ofClient(part.clientId) === seen.client && agrees(part, seen));
    if (index >= 0) free.splice(index, 1);
    else {
      const parts = attachments.map((part) => `${ofClient(part.clientId)}: ${part.events.map(digest).join(' ')}`);
      complain(`client ${seen.client} saw ${seen.events.map(digest).join(' ')}, told was ${parts.join(' | ')}`);
    }
  }
  return wrong;
}

/** Whether a client saw what the switch told it: all of it, or, where it ended the call by itself, all up to there. */
function agrees({ events }: Attachment, { events: seen, forced, end }: WatchedCall): boolean {
  const told = events.filter((entry) => !local.has(entry['event'])).map(digest);
  const heard = seen.filter(({ type }) => !local.has(type)).map(digest);
  if (heard.length === told.length && heard.every((text, index) => text === told[index])) return true;
  const byItself = forced || end?.reason === 'media_lost' || end?.reason === 'taken_over';
  return byItself && heard.slice(0, -1).every((text, index) => text === told[index]);
}

/** What is the same of an event on both sides. */
function digest(event: TimelineEntry | CallEvents[keyof CallEvents]): string {
  const fields = event as unknown as Readonly<Record<string, unknown>>;
  const name = String(fields['event'] ?? fields['type']);
  const told = ['mode', 'reason', 'by', 'party', 'errorCode', 'outageMs', 'replayedSamples'].map((key) => fields[key]);
  return JSON.stringify([name, fields['atMs'], ...told]);
}
