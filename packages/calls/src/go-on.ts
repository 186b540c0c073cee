import { type MediaResumed, ProtocolError } from '@agentao/protocol';
import type { CallLife } from './call-life.ts';
import type { CommandDesk, Verb } from './command-desk.ts';
import type { OutgoingAudio } from './outgoing-audio.ts';
import type { Playout } from './playout.ts';

/** What of a call has something under way when its connection is lost. */
export interface Interrupted {
  readonly life: CallLife;
  readonly desk: CommandDesk;
  readonly outgoing: OutgoingAudio;
  readonly playout: Playout;
}

/**
 * The connection is another one, the call the same: says again what may not have arrived, commands before audio. Throws `ProtocolError` for an
 * answer that the call cannot go on from.
 */
export function goOn(resumed: MediaResumed, { life, desk, outgoing, playout }: Interrupted): void {
  life.standsAt(resumed);
  // The end of the call follows; nothing that is said matters any more.
  if (resumed.state === 'DISCONNECTED') return;
  desk.repeat(missingClears(resumed, desk, outgoing));
  outgoing.resume(resumed);
  playout.resume(resumed.played);
}

/** A clear that is no longer waited for may not have arrived either, and audio of a generation that has not begun is a fault. */
function missingClears({ generation, received }: MediaResumed, desk: CommandDesk, outgoing: OutgoingAudio): Verb[] {
  const { clearing } = desk;
  const ahead = (outgoing.generation - generation) & 0xff;
  if (ahead > 127) throw new ProtocolError('BAD_MESSAGE', `resumed: generation ${generation} has not begun`);
  const missing = ahead - clearing;
  return Array.from({ length: Math.max(0, missing) }, (_, index) => ({
    type: 'clear',
    generation: (generation + 1 + index) % 256,
    position: index === missing - 1 && clearing === 0 ? outgoing.begin : received,
  }));
}
