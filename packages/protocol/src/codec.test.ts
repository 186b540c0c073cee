import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeControlClient,
  decodeControlSwitch,
  decodeMediaClient,
  decodeMediaSwitch,
  decodeMonitorClient,
  decodeMonitorSwitch,
  decodePhoneClient,
  decodePhoneSwitch,
  encode,
} from './codec.ts';
import { limits } from './limits.ts';
import { ProtocolError } from './protocol-error.ts';

const decoders = [
  decodeControlClient,
  decodeControlSwitch,
  decodeMediaClient,
  decodeMediaSwitch,
  decodePhoneClient,
  decodePhoneSwitch,
  decodeMonitorClient,
  decodeMonitorSwitch,
];

const types = [
  'hello',
  'ready',
  'decline',
  'welcome',
  'offer',
  'offer.cancelled',
  'error',
  'ping',
  'attach',
  'resume',
  'connect',
  'mode',
  'clear',
  'dtmf',
  'tracks',
  'context',
  'annotate',
  'mark',
  'attached',
  'response',
  'credit',
  'playout',
  'event',
  'register',
  'dial',
  'incoming',
  'ended',
  'watch',
  'snapshot',
  'call',
  'timeline',
  'levels',
]; // prettier-ignore

function failure(run: () => unknown): ProtocolError {
  try {
    run();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function isDecodedOrRefused(decode: (text: string) => { readonly type: string }, text: string): boolean {
  try {
    return typeof decode(text).type === 'string';
  } catch (error) {
    return error instanceof ProtocolError && error.closeCode === 'BAD_MESSAGE';
  }
}

/** Text of a context whose JSON takes so many bytes, in characters of two bytes. */
function contextOf(bytes: number): string {
  return encode({ type: 'context', id: 1, context: 'é'.repeat((bytes - 2) / 2) });
}

function annotationOf(bytes: number): string {
  return encode({ type: 'annotate', id: 1, kind: 'k', data: 'a'.repeat(bytes - 2) });
}

function refusal(text: string): unknown {
  return (decodeMediaClient(text) as { message?: string }).message;
}

describe('text messages', () => {
  it('decode to a message, something to ignore, a refusal, or a ProtocolError BAD_MESSAGE, whatever the fields', () => {
    const fields = fc.dictionary(
      fc.constantFrom('id', 'mode', 'seq', 'event', 'ok', 'context', 'data', 'entry', 'calls', 'takeover', 'received'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...types), fields, (type, rest) => {
        const text = JSON.stringify({ ...rest, type });
        expect(decoders.filter((decode) => !isDecodedOrRefused(decode, text))).toEqual([]);
      }),
    );
  });

  it('decode to themselves after encoding', () => {
    const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
    const message = fc.record({
      type: fc.constant('mode' as const),
      id: fc.integer({ min: 1, max: 0xffff_ffff }),
      mode: fc.constantFrom('barge' as const, 'whisper' as const, 'spy' as const),
      discard: fc.record({ generation: fc.integer({ min: 0, max: 255 }), position: u32 }),
    });
    fc.assert(
      fc.property(message, (mode) => {
        expect(decodeMediaClient(encode(mode))).toEqual(mode);
      }),
    );
  });

  it('never leave a foreign prototype behind', () => {
    const decoded = decodeMediaClient('{"type":"context","id":1,"context":{"__proto__":{"admin":true}}}');
    const context = (decoded as { context: object }).context;
    expect(Object.keys(context)).toEqual([]);
    expect(Object.assign({}, context)).not.toHaveProperty('admin');
    expect({}).not.toHaveProperty('admin');
  });

  it('are refused in time that grows with their length only', () => {
    const hostile = `{"type":"ping","id":1,"x":${'[{"a":'.repeat(20_000)}`;
    expect(failure(() => decodeControlClient(hostile)).message).toBe('nested deeper than 32 levels');
  });
});

describe('the text of an error', () => {
  it('names the field and the rule', () => {
    const problem = (text: string) => failure(() => decodeControlClient(text)).message;
    expect(problem('{"type":"ready"}')).toBe('ready.ready: must be of type boolean');
    expect(problem('{"type":"hello","client":""}')).toBe('hello.client: must be at least 1 characters');
    expect(problem('{"type":"hello","client":"x","maxCalls":1.5}')).toBe('hello.maxCalls: must be a whole number');
    expect(problem('{"type":"hello","client":"x","maxCalls":0}')).toBe('hello.maxCalls: must be at least 1');
    expect(
      failure(() => decodeMonitorClient(encode({ type: 'watch', callIds: Array<string>(65).fill('c') }))).message,
    ).toBe('watch.callIds: must be at most 64 entries');
  });

  it('quotes nothing of the message, so that no secret reaches a log', () => {
    const secret = 'mt_c2VjcmV0';
    const offer = { type: 'offer', offerId: 'o', callId: 'c', mediaToken: secret, direction: secret, mediaUrl: 7 };
    for (const text of [JSON.stringify(offer), `{"mediaToken":"${secret}`, `{"type":["${secret}"]}`]) {
      const error = failure(() => decodeControlSwitch(text));
      expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toContain(secret);
    }
  });

  it('names the argument of a refused command', () => {
    expect(refusal('{"type":"connect","id":3,"ringTimeMs":5,"mode":"barge"}')).toBe(
      'connect.ringTimeMs: must be at least 1000',
    );
    expect(refusal('{"type":"mode","id":3,"mode":"shout"}')).toBe('mode.mode: must be barge, whisper, spy');
    expect(refusal('{"type":"dtmf","id":3,"digits":"x"}')).toBe('dtmf.digits: not valid');
    expect(
      refusal('{"type":"mode","id":3,"mode":"spy","afterPosition":1,"discard":{"generation":1,"position":1}}'),
    ).toBe('mode.discard: must not stand beside afterPosition');
  });

  it('fits into a close frame', () => {
    const { message } = failure(() => decodePhoneSwitch('{"type":"ended","by":"caller","reason":"tea"}'));
    expect(message).toMatch(/^ended\.reason: must be hangup, disconnected, /);
    expect(message.length).toBe(120);
  });

  it('stays short however long an unknown name is', () => {
    const name = 'x'.repeat(100_000);
    expect(decodeMediaClient(JSON.stringify({ type: name, id: 1 }))).toHaveProperty('message.length', 75);
    expect(decodeMediaClient(JSON.stringify({ type: name }))).toHaveProperty('name.length', 64);
    expect(decodeMediaSwitch(JSON.stringify({ type: 'event', seq: 1, event: { type: name } }))).toHaveProperty(
      'name.length',
      64,
    );
  });
});

describe('lengths of text', () => {
  it('count UTF-16 code units: a character beyond the first plane is two', () => {
    const hello = (length: number): string => JSON.stringify({ type: 'hello', client: '\u{1f4de}'.repeat(length / 2) });
    expect(decodeControlClient(hello(limits.idLength))).toHaveProperty('type', 'hello');
    expect(() => decodeControlClient(hello(limits.idLength + 2))).toThrow(
      'hello.client: must be at most 128 characters',
    );
  });
});

describe('stored JSON', () => {
  it('is accepted up to its limit, counted in bytes of UTF-8', () => {
    expect(decodeMediaClient(contextOf(limits.contextBytes))).toHaveProperty('type', 'context');
    expect(decodeMediaClient(annotationOf(limits.annotationBytes))).toHaveProperty('type', 'annotate');
  });

  it('is refused beyond it, and the connection stays', () => {
    expect(decodeMediaClient(contextOf(limits.contextBytes + 2))).toMatchObject({
      type: 'refused',
      code: 'BAD_ARGUMENT',
      message: 'context.context: must be JSON of at most 65536 bytes',
    });
    expect(decodeMediaClient(annotationOf(limits.annotationBytes + 1))).toHaveProperty('code', 'BAD_ARGUMENT');
  });

  it('travels to the next owner at its deepest', () => {
    const depth = limits.clientNesting - 1;
    const text = `{"type":"context","id":1,"context":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const { context: stored } = decodeMediaClient(text) as { context: unknown };
    const offer = decodeControlSwitch(
      encode({
        type: 'offer',
        offerId: 'o',
        callId: 'c',
        callerNumber: '',
        calleeNumber: '1',
        direction: 'MT',
        mediaUrl: '/media',
        mediaToken: 't',
        acceptWithinMs: 2000,
        takeover: { state: 'ANSWERED', mode: null, context: stored },
      }),
    );
    expect(offer).toHaveProperty('takeover.context', stored);
  });
});
