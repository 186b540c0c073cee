import { frameFlags, tracks } from '@agentao/protocol';
import type { ConnectionWatch, Report } from './observer.ts';

/** What holds on a phone connection at all times: one end per call, and the positions of its audio. */
export function createPhoneWatch(report: Report): ConnectionWatch {
  let calls = 0;
  let end: number | undefined;
  return {
    heard: (entry) => {
      if (entry.kind === 'message') {
        const { type } = entry.message;
        if (type === 'dialing' || type === 'incoming') {
          calls++;
          end = undefined;
        } else if (type === 'ended' && --calls < 0) {
          report('P-06', '`ended` came without a call');
          calls = 0;
        } else if (type === 'answered' && calls === 0) report('P-06', '`answered` came without a call');
      }
      if (entry.kind !== 'audio') return;
      const { header, samples } = entry.frame;
      const { track, generation, flags, position } = header;
      if (track !== tracks.mix || generation !== 0) report('P-08', `audio of track ${track}, generation ${generation}`);
      if (end === undefined && position !== 0) report('P-09', `the first position was ${position}`);
      if (end !== undefined && position < end) report('P-09', `a position went back from ${end} to ${position}`);
      if (end !== undefined && position > end && (flags & frameFlags.gapBefore) === 0) {
        report('P-09', `a jump from ${end} to ${position} unflagged`);
      }
      end = position + samples.length;
    },
  };
}
