import type { FuzzRandom } from './fuzz-random.ts';
import type { Channel } from './hostile-switch.ts';
import type { MessageGrammar } from './message-grammar.ts';
import { mutateJson, mutateText } from './mutate-json.ts';

/** What a program does with its newest call. */
export const verbs = [
  'answer',
  'connect',
  'abortedConnect',
  'whisper',
  'spyAfterPlayout',
  'say',
  'sayWaiting',
  'play',
  'waitForPlayout',
  'clear',
  'listen',
  'dtmf',
  'context',
  'annotate',
  'close',
  'disconnect',
  'forceDisconnect',
] as const;

/** A verb of the list. */
export type Verb = (typeof verbs)[number];

/** Something that a hostile switch does to a client, or that the client's program does. */
export type ClientStep =
  | { readonly do: 'say'; readonly on: Channel; readonly text: string }
  | { readonly do: 'bytes'; readonly hex: string }
  | {
      readonly do: 'audio';
      readonly track: number;
      readonly samples: number;
      readonly position?: number | undefined;
      readonly flags: number;
    }
  | { readonly do: 'closes'; readonly on: Channel; readonly code: number }
  | { readonly do: 'cuts'; readonly on: Channel }
  | { readonly do: 'helps'; readonly helpful: boolean }
  | { readonly do: 'refuses'; readonly status: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'verb'; readonly verb: Verb }
  | { readonly do: 'drain' | 'disconnectClient' | 'connectClient' };

/** Makes what happens to one client: mostly a call that goes well for a while, and things no switch should say in between. */
export function createClientScript(grammar: MessageGrammar, random: FuzzRandom): readonly ClientStep[] {
  const steps: ClientStep[] = [];
  if (random.once(6)) steps.push({ do: 'helps', helpful: false });
  const offers = 1 + random.int(2);
  for (let count = 0; count < offers; count++) {
    steps.push(
      { do: 'say', on: 'control', text: JSON.stringify(offer(random, count)) },
      { do: 'wait', ms: random.pick([0, 20]) },
    );
    for (let more = random.int(16); more > 0; more--) steps.push(anyStep(grammar, random));
  }
  return steps.slice(0, 60);
}

function offer(random: FuzzRandom, count: number): unknown {
  const message = {
    type: 'offer',
    offerId: `o${count}`,
    callId: random.pick([`c${count}`, 'c0']),
    callerNumber: '+15550000',
    calleeNumber: '+15559999',
    direction: 'MT',
    mediaUrl: random.pick(['/media', '/media', '/media', 'ws://other:1/media', 'http://x', '//', '::', '/media?x#y']),
    mediaToken: '$token',
    acceptWithinMs: random.pick([2_000, 2_000, 1, 2 ** 32 - 1]),
    ...(random.once(5) ? { takeover: { state: 'CONNECTED', mode: 'barge', context: { deep: [1] } } } : {}),
  };
  return random.once(4) ? mutateJson(message, random) : message;
}

function anyStep(grammar: MessageGrammar, random: FuzzRandom): ClientStep {
  const on = random.pick(['media', 'media', 'media', 'control'] as const);
  switch (random.int(14)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return { do: 'verb', verb: random.pick(verbs) };
    case 4:
      return { do: 'wait', ms: random.pick([0, 20, 200, 2_500, 11_000]) };
    case 5:
      return {
        do: 'audio',
        track: random.pick([0, 0, 1, 2, 3, 255]),
        samples: random.pick([480, 480, 0, 1, 12_000]),
        flags: random.pick([0, 0, 1, 2, 4, 65_535]),
        position: random.pick([undefined, undefined, 0, 2 ** 32 - 1, random.int(100_000)]),
      };
    case 6:
      return random.pick<ClientStep>([
        { do: 'cuts', on },
        { do: 'closes', on, code: random.pick([1_000, 1_001, 1_011, 4_401, 4_409, 4_410, 4_429, 4_999, 3_000]) },
        { do: 'helps', helpful: random.once(2) },
        { do: 'refuses', status: random.pick([0, 0, 401, 409, 429, 500, 200, 302]) },
        { do: 'drain' },
        { do: 'disconnectClient' },
        { do: 'connectClient' },
        { do: 'bytes', hex: Buffer.from(random.bytes(random.int(24))).toString('hex') },
      ]);
    case 7:
      return { do: 'say', on, text: grammar.text({ socket: on, from: 'switch' }, random) };
    case 8:
      return { do: 'say', on, text: mutateText(JSON.stringify(fitting(grammar, random)), random) };
    default:
      return { do: 'say', on: 'media', text: JSON.stringify(fitting(grammar, random)) };
  }
}

/** A message that may be due: right by itself, with the numbers of the call at hand as often as not. */
function fitting(grammar: MessageGrammar, random: FuzzRandom): unknown {
  const place = { socket: 'media', from: 'switch' } as const;
  const type = random.pick(['event', 'event', 'response', 'credit', 'playout', 'attached', 'resumed']);
  const message = grammar.valid(place, random, type);
  if (type === 'event') return { ...message, seq: random.once(5) ? message['seq'] : '$seq' };
  if (type === 'response') return { ...message, id: random.once(5) ? message['id'] : '$id' };
  if (type === 'credit') return { ...message, generation: random.pick([0, 0, 1, 255]) };
  return message;
}
