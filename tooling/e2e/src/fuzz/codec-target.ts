import {
  type AnyMessage,
  decodeControlClient,
  decodeControlSwitch,
  decodeMediaClient,
  decodeMediaSwitch,
  decodeMonitorClient,
  decodeMonitorSwitch,
  decodePhoneClient,
  decodePhoneSwitch,
  encode,
  limits,
  ProtocolError,
  type RefusedCommand,
} from '@agentao/protocol';
import { type FuzzOutcome, type FuzzStep, type FuzzTarget, textOf } from './fuzz-target.ts';
import { type SocketName, socketNames } from './json-schema.ts';
import type { MessageGrammar, Place, Speaker } from './message-grammar.ts';

type Decoded = AnyMessage | RefusedCommand | { readonly type: 'unknown'; readonly name: string };
type Decoder = (text: string) => Decoded;

/** The decoder of each socket and direction. */
export const decoders: Readonly<Record<SocketName, Readonly<Record<Speaker, Decoder>>>> = {
  control: { client: decodeControlClient, switch: decodeControlSwitch },
  media: { client: decodeMediaClient, switch: decodeMediaSwitch },
  phone: { client: decodePhoneClient, switch: decodePhoneSwitch },
  monitor: { client: decodeMonitorClient, switch: decodeMonitorSwitch },
};

/** What the schemas cannot say: sizes as JSON, two fields that exclude each other, nesting. */
const beyondSchema = /must be JSON of at most|must not stand beside|^nested deeper than/;

/** Every decoder of text: what it takes and what it refuses is what the published schema says. */
export function createCodecTarget(grammar: MessageGrammar): FuzzTarget {
  return {
    name: 'text codecs',
    share: 2,
    cpuMs: 500,
    generate: (random) => {
      const place: Place = { socket: random.pick(socketNames), from: random.pick(['client', 'switch'] as const) };
      return [{ ...place, text: grammar.text(place, random) }];
    },
    run: (steps) => {
      let accepted = 0;
      let rejected = 0;
      const findings: string[] = [];
      for (const step of steps) {
        const { socket, from, text } = step as FuzzStep & Place & { readonly text: string };
        const judged = judge({ socket, from }, text, grammar);
        if (judged.accepted) accepted++;
        else rejected++;
        for (const finding of judged.findings) findings.push(`${socket} from the ${from}: ${finding}`);
      }
      return { accepted, rejected, findings } satisfies FuzzOutcome;
    },
  };
}

interface Judgement {
  readonly accepted: boolean;
  readonly findings: readonly string[];
}

function judge(place: Place, text: string, grammar: MessageGrammar): Judgement {
  const decode = decoders[place.socket][place.from];
  let decoded: Decoded;
  try {
    decoded = decode(text);
  } catch (error) {
    return { accepted: false, findings: judgeRefusal(error, grammar.fits(place, parsed(text))) };
  }
  if (decoded.type === 'unknown') {
    const { name } = decoded;
    const findings = name.length > 64 ? [`an unknown type of ${name.length} characters`] : [];
    return { accepted: false, findings };
  }
  if (decoded.type === 'refused') {
    return { accepted: false, findings: judgeRefused(decoded, grammar.fits(place, parsed(text))) };
  }
  const findings: string[] = [];
  const again = encode(decoded);
  if (!grammar.fits(place, parsed(text))) findings.push(`took a ${decoded.type} that the schema refuses`);
  if (!grammar.fits(place, decoded)) findings.push(`made a ${decoded.type} that the schema refuses`);
  try {
    if (encode(decode(again) as AnyMessage) !== again) findings.push(`${decoded.type} changes on its way`);
  } catch (error) {
    findings.push(`does not take its own ${decoded.type} back: ${textOf(error)}`);
  }
  return { accepted: true, findings };
}

function judgeRefusal(error: unknown, fits: boolean): string[] {
  if (!(error instanceof ProtocolError)) return [`threw ${textOf(error)}`];
  const findings: string[] = [];
  if (error.closeCode !== 'BAD_MESSAGE') findings.push(`threw ${error.closeCode}`);
  if (fits && !beyondSchema.test(error.message)) findings.push(`refused what the schema takes: ${error.message}`);
  return findings;
}

function judgeRefused({ id, code, message }: RefusedCommand, fits: boolean): string[] {
  const findings: string[] = [];
  if (fits && !beyondSchema.test(message.replace(/^\S+ /, ''))) {
    findings.push(`refused a command that the schema takes: ${message}`);
  }
  try {
    // What the switch answers must be a message itself.
    decodeMediaSwitch(encode({ type: 'response', id, ok: false, error: { code, message } }));
  } catch (error) {
    findings.push(`its ${code} cannot be sent, ${message.length} of ${limits.textLength} characters: ${textOf(error)}`);
  }
  return findings;
}

/** Plain JSON, without `__proto__`, which the protocol drops; `undefined` for what is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value));
  } catch {
    return undefined;
  }
}
