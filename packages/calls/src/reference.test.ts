import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CallEventName } from './events.ts';
import * as calls from './index.ts';
import { createBench } from './testing/bench.ts';

// Every name that the surface of this package has to have. A row that goes missing here, in the package or in the API reference, fails.

const root = new URL('../../../', import.meta.url);
const api = readFileSync(new URL('docs/api-reference.md', root), 'utf8');
const onboarding = readFileSync(new URL('docs/onboarding.md', root), 'utf8');

/** The part of the API reference under a heading. */
function section(heading: string): string {
  const parts = api.split(/^(?=##+ )/m);
  const found = parts.find((part) => part.startsWith(`## ${heading}\n`) || part.startsWith(`### ${heading}\n`));
  if (found === undefined) throw new Error(`the API reference has no ${heading}`);
  return found;
}

/** The names that a text has in backticks, without parameters. */
const namesIn = (text: string): ReadonlySet<string> => new Set(text.match(/[\w$]+(?:\.\w+)?/g));

const config = {
  SandboxOptions: ['apiKey', 'connectorUuid', 'baseUrl'],
  ProductionOptions: ['certPath', 'keyPath', 'caPath', 'baseUrl', 'connectorUuid'],
  CommonOptions: ['sampleRate', 'bufferSize', 'maxCalls', 'acceptsTakeover', 'onHandlerError', 'logger'],
};
const environment = [
  'MODE',
  'API_KEY',
  'CONNECTOR_UUID',
  'CERT_PATH',
  'KEY_PATH',
  'CA_PATH',
  'BASE_URL',
  'SAMPLE_RATE',
];
const client = ['connect', 'disconnect', 'runForever', 'on', 'getCall', 'calls$', 'connection$', 'drain'];
const verbs = ['answer', 'connect', 'whisper', 'barge', 'spy', 'disconnect', 'close', 'forceDisconnect', 'sendDtmf'];
const speaking = ['sendAudio', 'clearSendAudioBuffer', 'getSendAudioBufferSize', 'play', 'waitForPlayout'];
const hearing = ['audioStream', 'audio$', 'on', 'state$', 'events$'];
const facts = [
  'callId',
  'callerNumber',
  'calleeNumber',
  'direction',
  'state',
  'mode',
  'queuedSamples',
  'playedSamples',
];
const rest = ['ended', 'signal', 'takenOver', 'context', 'setContext', 'annotate'];
const call = [...verbs, ...speaking, ...hearing, ...facts, ...rest];
const callOptions = {
  connect: ['ringTimeSeconds', 'mode', 'signal'],
  whisper: ['afterPlayout', 'keepQueued'],
  sendAudio: ['wait', 'signal'],
  clearSendAudioBuffer: ['clearedSamples', 'playedSamples'],
  play: ['signal'],
  waitForPlayout: ['timeoutMs'],
  audioStream: ['party', 'signal', 'samples', 'positionSamples'],
  audio$: [],
  ended: ['reason', 'by'],
  runForever: ['signals', 'signal', 'drainTimeoutMs'],
  drain: ['timeoutMs'],
};
const operators = ['handleCalls', 'whenState', 'takeUntilTerminated', 'chunkAudio', 'voiceActivity', 'clockScheduler'];

/** Each event of a call, and one as the switch sends it. */
const callEvents: readonly [constant: string, name: CallEventName, payload: object][] = [
  ['CALL_TERMINATED', 'call.terminated', { reason: 'hangup', by: 'caller' }],
  ['CALL_ANSWERED', 'call.answered', {}],
  ['CALL_CONNECTED', 'call.connected', { mode: 'whisper' }],
  ['CALL_CONNECT_FAILED', 'call.connect_failed', { errorCode: 'CALL_UNANSWERED', errorMessage: 'nobody' }],
  ['CALL_ANSWER_FAILED', 'call.answer_failed', { errorCode: 'ANSWER_FAILED', errorMessage: 'gone' }],
  ['CALL_MODE_CHANGED', 'call.mode_changed', { mode: 'spy', position: 0 }],
  ['CALL_DTMF', 'call.dtmf', { digit: '5', party: 'caller', durationMs: 80 }],
  ['CALL_RESUMED', 'call.resumed', { outageMs: 120, replayedSamples: 480 }],
  ['CALL_AUDIO_OVERFLOW', 'call.audio_overflow', { party: 'mix', droppedSamples: 480 }],
  ['CALL_ERROR', 'call.error', { errorCode: 'INTERNAL', errorMessage: 'no' }],
];

const errorParents: Readonly<Record<string, string>> = {
  WSSError: 'Error',
  WSSConnectionError: 'WSSError',
  WSSAuthenticationError: 'WSSError',
  WSSMediaError: 'WSSError',
  BufferFullError: 'WSSError',
  BufferClosedError: 'WSSError',
  WSSCallError: 'WSSError',
  WSSCallClosedError: 'WSSCallError',
  WSSCallCommandError: 'WSSCallError',
  WSSCallCommandTimeoutError: 'WSSCallError',
};

describe('the configuration', () => {
  it.each(['sandbox', 'production', 'fromEnv'])('is made by %s', (factory) => {
    expect(calls.AgenTaoClientConfig).toHaveProperty(factory, expect.any(Function));
    expect(section('AgenTaoClientConfig')).toContain(`AgenTaoClientConfig.${factory}(`);
  });

  it.each(Object.entries(config))('has %s, each told of in the API reference', (type, names) => {
    expect([...namesIn(section(type))]).toEqual(expect.arrayContaining(names));
  });

  it('takes each variable of the environment, told of in the onboarding', () => {
    const names = environment.map((name) => `AGENTAO_${name}`);
    expect([...namesIn(onboarding)]).toEqual(expect.arrayContaining(names));
    const read = new Set<string>();
    const watched = (env: Record<string, string>): Record<string, string> =>
      new Proxy(env, { get: (target, name) => (read.add(String(name)), target[String(name)]) });
    for (const mode of ['sandbox', 'production']) {
      expect(() => calls.AgenTaoClientConfig.fromEnv(watched({ AGENTAO_MODE: mode }))).toThrow(/missing/);
    }
    expect([...read]).toEqual(expect.arrayContaining(names));
  });
});

describe('the client', () => {
  it('has every member, told of in the API reference', () => {
    const bench = createBench();
    for (const name of client) expect(name in bench.client, name).toBe(true);
    expect(Symbol.asyncDispose in bench.client).toBe(true);
    expect(calls.AgenTaoClient).toHaveProperty('open', expect.any(Function));
    expect([...namesIn(section('AgenTaoClient'))]).toEqual(expect.arrayContaining([...client, 'AgenTaoClient.open']));
  });
});

describe('a call', () => {
  it('has every member, told of in the API reference', async () => {
    const real = (await createBench().call()).call;
    for (const name of call) expect(name in real, name).toBe(true);
    expect(Symbol.asyncDispose in real).toBe(true);
    expect([...namesIn(section('ActiveCall'))]).toEqual(expect.arrayContaining(call));
    expect(real.direction).toBe('MT');
  });

  it.each(Object.entries(callOptions))('has for %s every option and field in the API reference', (member, names) => {
    const cell = new RegExp(`^\\|[^|]*\`${member.replace('$', '\\$')}[(\`]`);
    const row = section(client.includes(member) && member !== 'connect' ? 'AgenTaoClient' : 'ActiveCall')
      .split('\n')
      .find((line) => cell.test(line));
    expect([...namesIn(row ?? '')]).toEqual(expect.arrayContaining(names));
  });
});

describe('the events', () => {
  it('are those of the documentation, by these names, in one object and in two', () => {
    const ofCall = Object.fromEntries(callEvents.map(([constant, name]) => [constant, name]));
    expect(calls.CallEvent).toEqual(ofCall);
    expect(calls.ClientEvent).toEqual({ INCOMING_CALL: 'call.incoming' });
    expect(calls.events).toEqual({ ...ofCall, INCOMING_CALL: 'call.incoming' });
    const page = readFileSync(new URL('docs/event-handling.md', root), 'utf8');
    for (const [constant, name] of Object.entries(calls.events)) {
      expect(page, constant).toContain(`\`${constant}\``);
      expect(page, name).toContain(`\`${name}\``);
    }
  });

  it.each(callEvents)(
    '%s comes as %s with its payload, to handlers with and without parameters',
    async (_, name, payload) => {
      const bench = createBench();
      const { call: real, peer } = await bench.call();
      const seen: unknown[] = [];
      real.on(name, (event) => seen.push(event));
      real.on(name, () => seen.push('no parameters'));
      peer.event({ type: name, ...payload } as Parameters<typeof peer.event>[0]);
      await bench.pass();
      const expected = { type: name, callId: real.callId, atMs: expect.any(Number), ...payload };
      expect(seen).toEqual([expected, 'no parameters']);
      const row = readFileSync(new URL('docs/event-handling.md', root), 'utf8')
        .split('\n')
        .find((line) => line.includes(`\`${name}\``));
      const fields = Object.keys(payload).filter((field) => field !== 'position');
      expect([...namesIn(row ?? '')]).toEqual(expect.arrayContaining(fields));
    },
  );
});

describe('the errors', () => {
  it.each(Object.entries(errorParents))('%s is a %s, and told of in the API reference', (name, parent) => {
    const type = (calls as Record<string, unknown>)[name] as { readonly prototype: object };
    expect((Object.getPrototypeOf(type) as { name: string }).name).toBe(parent);
    expect([...namesIn(section('Errors'))]).toContain(name);
  });
});

it('every code of the API reference is told of on the page of errors', () => {
  const rows = ['AgenTaoClient', 'ActiveCall'].flatMap((heading) =>
    section(heading)
      .split('\n')
      .filter((line) => line.startsWith('| `')),
  );
  const codes = new Set(
    rows.flatMap(
      (row) =>
        row
          .split('|')
          .at(-2)
          ?.match(/`[A-Z_]+`/g) ?? [],
    ),
  );
  expect(codes.size).toBeGreaterThan(15);
  const page = readFileSync(new URL('docs/error-handling.md', root), 'utf8');
  for (const code of codes) expect(page).toContain(`| ${code} |`);
});

it.each(operators)('the operator %s is there, and told of in the API reference', (name) => {
  expect(calls).toHaveProperty(name, expect.any(Function));
  expect([...namesIn(section('Operators'))]).toContain(name);
});
