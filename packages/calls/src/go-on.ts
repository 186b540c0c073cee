import { type MediaResumed, ProtocolError } from '@agentao/protocol';
import type { CallLife } from './call-life.ts';
import type { CommandDesk } from './command-desk.ts';
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
  const { generation } = resumed;
  // What has begun no generation yet is repeated; others have been answered, so that the switch knows them.
  if (((outgoing.generation - generation) & 0xff) > desk.lasting) {
    throw new ProtocolError('BAD_MESSAGE', `resumed: generation ${generation} is none that the call can go on from`);
  }
  desk.repeat();
  outgoing.resume(resumed);
  playout.resume(resumed.played);
}
