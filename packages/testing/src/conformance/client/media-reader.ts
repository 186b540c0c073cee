import {
  decodeFrame,
  decodeMediaClient,
  limits,
  type MediaClientMessage,
  type MediaCommand,
  ProtocolError,
} from '@agentao/protocol';
import { type AudioLedger, isNewer } from './audio-ledger.ts';
import { breach } from './breach.ts';
import type { ClientMessage, Reader } from './peer.ts';
import { readText } from './read-text.ts';

/** What the connections of one call share. */
export interface CallBooks {
  readonly audio: AudioLedger;
  /** Every command of the call by its id, as it was first sent. */
  readonly commands: Map<number, MediaCommand>;
  /** Ids that have come and have no response. */
  readonly unanswered: Set<number>;
  /** Ids that the switch may not have got: they may come again, as they were. */
  readonly repeatable: Set<number>;
  played: number;
}

/** Judges one media connection. `answered` tells whether `attached` or `resumed` has been sent. */
export function createMediaReader(first: 'attach' | 'resume', books: CallBooks): Reader & { answered: boolean } {
  let begun = false;
  const marks: number[] = [];

  const command = (message: MediaCommand): void => {
    books.unanswered.add(message.id);
    const before = books.commands.get(message.id);
    if (before === undefined) {
      books.commands.set(message.id, message);
      if (message.type === 'clear' || message.type === 'mode') books.audio.begins(message);
      return;
    }
    const again = books.repeatable.delete(message.id) && JSON.stringify(before) === JSON.stringify(message);
    if (!again)
      throw breach(
        'K-01',
        'a new `id` for each command',
        `\`${message.type}\` with id ${message.id} of \`${before.type}\``,
      );
    // It had not arrived when the connection was lost, as far as the kit pretends.
    if (message.type === 'clear' && isNewer(message.generation, books.audio.generation)) books.audio.begins(message);
    const began = message.type === 'mode' ? message.discard?.generation : undefined;
    if (message.type === 'mode' && began !== undefined && isNewer(began, books.audio.generation))
      books.audio.begins(message);
  };

  const text = (message: MediaClientMessage): void => {
    if (message.type === 'attach' || message.type === 'resume') {
      if (begun || message.type !== first) throw breach('M-01', `\`${first}\` first and once`, `\`${message.type}\``);
      begun = true;
      return;
    }
    if (!begun) throw breach('M-01', `\`${first}\` first`, `\`${message.type}\``);
    if (first === 'resume' && !reader.answered)
      throw breach('R-01', 'nothing but `ping` and `pong` before `resumed`', `\`${message.type}\``);
    if (message.type === 'mark') {
      marks.push(message.position);
      const waiting = marks.filter((position) => position > books.played).length;
      if (waiting > limits.pendingMarks)
        throw breach('M-10', `at most ${limits.pendingMarks} marks that wait`, `${waiting}`);
    } else if (message.type !== 'ping' && message.type !== 'pong') command(message);
  };

  const reader: Reader & { answered: boolean } = {
    answered: false,
    text: (raw) => {
      const message = readText(raw, decodeMediaClient);
      if (message.type === 'refused') throw breach('K-04', 'commands whose arguments fit', message.message);
      if (message.type === 'ping' || message.type === 'pong' || message.type === 'unknown')
        return message as ClientMessage;
      text(message);
      return message as unknown as ClientMessage;
    },
    binary: (bytes) => {
      if (!reader.answered)
        throw breach(first === 'attach' ? 'M-02' : 'R-01', `no audio before the answer to \`${first}\``, 'some');
      try {
        const frame = decodeFrame(bytes.slice());
        books.audio.frame(frame.header, frame.samples);
        return frame;
      } catch (error) {
        if (error instanceof ProtocolError) throw breach('A-01', 'a header and whole samples', error.message);
        throw error;
      }
    },
  };
  return reader;
}
