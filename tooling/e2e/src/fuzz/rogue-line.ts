import { closeCodes, decodeFrame, encode, encodeFrame, subprotocols } from '@agentao/protocol';
import type { Socket, SocketClose } from '@agentao/transport';
import { decoders } from './codec-target.ts';
import { textOf } from './fuzz-target.ts';
import type { HandedOut } from './handed-out.ts';
import { socketNames } from './json-schema.ts';
import type { MessageGrammar } from './message-grammar.ts';

/** One open connection of a stranger, with an eye on what the switch says and how it ends it. */
export interface RogueLine {
  readonly closed: SocketClose | undefined;
  send(data: string | Uint8Array): void;
  /** Audio; what is left out is as it is due. */
  sendAudio(audio: RogueAudio): void;
  close(code: number): void;
  /** From now on it may end without a close frame. */
  expectLoss(): void;
}

/** A frame. */
export interface RogueAudio {
  readonly samples: number;
  readonly generation?: number | undefined;
  readonly position?: number | undefined;
  readonly flags?: number | undefined;
  readonly track?: number | undefined;
}

/** What a line is given. */
export interface RogueLineOptions {
  readonly polite: boolean;
  readonly grammar: MessageGrammar;
  readonly handedOut: HandedOut;
  readonly complain: (finding: string) => void;
}

const codesOfTable: ReadonlySet<number> = new Set(Object.values(closeCodes).map(({ code }) => code));

/** Takes an open socket over. */
export function createRogueLine(socket: Socket, options: RogueLineOptions): RogueLine {
  const { polite, grammar, handedOut, complain } = options;
  const name = socketNames.find((one) => subprotocols[one] === socket.subprotocol);
  let closed: SocketClose | undefined;
  let ownCode: number | undefined;
  let lossExpected = false;
  let generation = 0;
  let position = 0;

  const hear = (text: string): void => {
    if (name === undefined) return complain(`the switch speaks ${socket.subprotocol}`);
    let message: ReturnType<(typeof decoders)[typeof name]['switch']>;
    try {
      message = decoders[name].switch(text);
    } catch (error) {
      return complain(`the switch said on ${name} what nobody can read: ${textOf(error)}`);
    }
    if (message.type === 'unknown' || message.type === 'refused') {
      return complain(`the switch said on ${name} what nobody knows: ${message.type}`);
    }
    if (!grammar.fits({ socket: name, from: 'switch' }, JSON.parse(text))) {
      complain(`the switch said on ${name} a ${message.type} that the schema refuses`);
    }
    handedOut.note(message);
    if (message.type === 'ping' && polite) socket.send(encode({ type: 'pong', id: message.id }));
    if (message.type === 'call') handedOut.note(message.call);
    if (message.type === 'snapshot') for (const call of message.calls) handedOut.note(call);
    if (message.type === 'attached' || message.type === 'resumed' || message.type === 'credit') {
      ({ generation } = message);
    }
    if (message.type === 'resumed') position = message.received;
  };

  socket.start({
    text: hear,
    binary: (bytes) => {
      try {
        decodeFrame(bytes);
      } catch (error) {
        complain(`the switch sent audio on ${name} that nobody can read: ${textOf(error)}`);
      }
    },
    closed: (close) => {
      closed = close;
      const { code } = close;
      if (code === ownCode || codesOfTable.has(code)) {
        if (code === closeCodes.INTERNAL.code && ownCode !== code) complain(`the switch closed ${name} with 1011`);
      } else if (!(code === 1006 && lossExpected)) complain(`the switch closed ${name} with ${code}`);
    },
  });
  return {
    get closed() {
      return closed;
    },
    send: (data) => socket.send(data),
    sendAudio: (audio) => {
      const header = {
        track: audio.track ?? 0,
        generation: audio.generation ?? generation,
        flags: audio.flags ?? 0,
        position: audio.position ?? position,
      };
      position = (header.position + audio.samples) % 2 ** 32;
      socket.send(encodeFrame(header, new Int16Array(audio.samples).fill(7_000)));
    },
    close: (code) => {
      ownCode ??= code;
      socket.close(code, 'x');
    },
    expectLoss: () => {
      lossExpected = true;
    },
  };
}
