import { limits, ProtocolError } from '@agentao/protocol';
import { breach } from './breach.ts';
import { hasRepeatedKey } from '../switch/repeated-key.ts';

/** Reads one text by the decoder of its socket, and by the rules that a sender has to keep and a receiver need not see. Throws `NonConformance`. */
export function readText<Message extends { readonly type: string }>(
  raw: string,
  decode: (text: string) => Message,
): Message {
  const bytes = Buffer.byteLength(raw);
  if (bytes > limits.controlMessageBytes)
    throw breach('G-05', 'messages within the size limit', `a text of ${bytes} bytes`);
  let message: Message;
  try {
    message = decode(raw);
  } catch (error) {
    if (error instanceof ProtocolError)
      throw breach('G-04', 'texts that are well formed', `${error.message}: ${excerpt(raw)}`);
    throw error;
  }
  if (hasRepeatedKey(raw)) throw breach('G-06', 'no key twice in an object', excerpt(raw));
  return message;
}

function excerpt(raw: string): string {
  return raw.length > 120 ? `${raw.slice(0, 120)}…` : raw;
}
