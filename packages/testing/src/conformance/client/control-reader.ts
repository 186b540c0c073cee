import { decodeControlClient } from '@agentao/protocol';
import { breach } from './breach.ts';
import type { ClientMessage, Reader } from './peer.ts';
import { readText } from './read-text.ts';

/** Judges one control connection: well-formed texts, `hello` first and once, no audio. */
export function createControlReader(): Reader {
  let greeted = false;
  return {
    text: (raw) => {
      const message = readText(raw, decodeControlClient) as ClientMessage;
      if (message.type === 'ping' || message.type === 'pong' || message.type === 'unknown') return message;
      if ((message.type === 'hello') === greeted) {
        throw breach('C-01', '`hello` first and once', `\`${message.type}\` ${greeted ? 'again' : 'first'}`);
      }
      greeted = true;
      return message;
    },
    binary: () => {
      throw breach('G-02', 'no binary message on a control connection', 'one');
    },
  };
}
