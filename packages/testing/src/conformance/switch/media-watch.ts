import { frameFlags, tracks } from '@agentao/protocol';
import type { ConnectionWatch, Report } from './observer.ts';
import type { Heard, SwitchMessage } from './peer.ts';

const incoming: ReadonlySet<number> = new Set([tracks.mix, tracks.caller, tracks.callee]);
const knownFlags = frameFlags.replayed | frameFlags.gapBefore | frameFlags.endOfTrack;

/** What holds on a media connection at all times: numbering of events, one response per command, credit, positions. */
export function createMediaWatch(report: Report): ConnectionWatch {
  const sentIds = new Map<number, number>();
  const answered = new Map<number, number>();
  const ends = new Map<number, number>();
  let begun: 'attached' | 'resumed' | undefined;
  let rateHz = 0;
  let lastSeq: number | undefined;
  let terminated = false;
  let credit: { generation: number; upTo: number } | undefined;
  let played = 0;

  const first = (message: SwitchMessage): void => {
    if (message.type === 'attached' || message.type === 'resumed') {
      if (begun !== undefined) report('M-02', `\`${message.type}\` came twice`);
      begun = message.type;
      credit = { generation: message.generation, upTo: message.upTo };
      if (message.type === 'attached') lastSeq = 0;
      else played = message.played;
      return;
    }
    if (message.type === 'ping' || message.type === 'pong') return;
    if (begun === undefined) report('M-02', `\`${message.type}\` came before \`attached\``);
  };

  const follow = (message: SwitchMessage): void => {
    if (message.type === 'event' || (message.type === 'unknown' && message.seq !== undefined)) {
      const seq = message.seq ?? 0;
      if (lastSeq !== undefined && seq !== lastSeq + 1) report('M-09', `event ${seq} came after event ${lastSeq}`);
      lastSeq = seq;
      if (terminated) report('M-03', 'an event came after `call.terminated`');
      terminated ||= message.type === 'event' && message.event.type === 'call.terminated';
    } else if (message.type === 'response') {
      const { id } = message;
      answered.set(id, (answered.get(id) ?? 0) + 1);
      if ((sentIds.get(id) ?? 0) === 0) {
        // Behind a resume it may be one of the connection before.
        if (begun === 'attached') report('M-06', `a response to ${id}, which was no command`);
      } else if ((answered.get(id) ?? 0) > (sentIds.get(id) ?? 0)) report('M-06', `two responses to one command`);
    } else if (message.type === 'credit') {
      const { generation, upTo } = message;
      if (credit?.generation === generation) {
        if (upTo < credit.upTo) report('A-08', `credit fell from ${credit.upTo} to ${upTo}`);
        else if (upTo - credit.upTo < rateHz / 10) report('A-12', `credit grew by ${upTo - credit.upTo} samples only`);
      }
      credit = { generation, upTo };
    } else if (message.type === 'playout') {
      if (message.played < played) report('A-13', `\`played\` fell from ${played} to ${message.played}`);
      played = message.played;
    }
  };

  const audio = ({ frame: { header, samples } }: Extract<Heard, { kind: 'audio' }>): void => {
    const { track, generation, flags, position } = header;
    if (begun === undefined) report('M-02', 'audio came before `attached`');
    if (!incoming.has(track)) report('A-05', `audio of track ${track}`);
    if (generation !== 0) report('A-01', `incoming audio of generation ${generation}`);
    if ((flags & ~knownFlags) !== 0) report('A-01', `flags ${flags}, of which some are not in the table`);
    const end = ends.get(track);
    const hasGap = (flags & frameFlags.gapBefore) !== 0;
    if (end !== undefined && position < end) report('A-04', `a position went back from ${end} to ${position}`);
    if (end !== undefined && position > end && !hasGap) report('A-04', `a jump from ${end} to ${position} unflagged`);
    ends.set(track, position + samples.length);
  };

  return {
    sent: (message) => {
      if ('sampleRateHz' in message && typeof message.sampleRateHz === 'number') rateHz = message.sampleRateHz;
      if ('id' in message && typeof message.id === 'number')
        sentIds.set(message.id, (sentIds.get(message.id) ?? 0) + 1);
    },
    heard: (entry) => {
      if (entry.kind === 'audio') audio(entry);
      if (entry.kind !== 'message') return;
      first(entry.message);
      follow(entry.message);
    },
  };
}
