import { setImmediate as immediate } from 'node:timers/promises';
import type { LiveConnection, LiveEvent, LiveSession } from '@agentao/agent';
import { speech } from '@agentao/audio/speech';
import { createVirtualClock, type VirtualClock } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import { scriptedModel, type ScriptedModelOptions } from './scripted-model.ts';

const rules = {
  rules: [
    { hears: 'weather in (?<city>\\w+)', call: { name: 'weather', args: { city: '{city}' } } },
    { after: 'weather', say: 'It is {result}' },
    { hears: 'story', say: 'Once upon a time there was a long story that nobody heard to its end' },
  ],
};

interface Opened {
  readonly clock: VirtualClock;
  readonly model: ReturnType<typeof scriptedModel>;
  readonly connection: LiveConnection;
  readonly events: readonly LiveEvent[];
  readonly aborter: AbortController;
  says(text: string, thenMs?: number): Promise<void>;
}

async function opened(options: ScriptedModelOptions = {}): Promise<Opened> {
  const clock = createVirtualClock({ settle: () => immediate() });
  const model = scriptedModel(rules, options);
  const events: LiveEvent[] = [];
  const aborter = new AbortController();
  const session = {
    call: { callId: 'call-a' },
    clock,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    instruction: 'Tell the weather.',
    tools: [{ name: 'weather', description: 'The weather', parameters: { type: 'object' } }],
    signal: aborter.signal,
    onEvent: (event: LiveEvent) => events.push(event),
    runTool: () => Promise.resolve({ error: 'none' }),
  };
  const connection = await model.open(session as unknown as LiveSession);
  const says = async (text: string, thenMs = 2500): Promise<void> => {
    const sound = speech.encode(text, { sampleRateHz: model.inputRateHz });
    const whole = Int16Array.from([...sound, ...new Int16Array((thenMs * model.inputRateHz) / 1000)]);
    const chunk = (model.chunkMs * model.inputRateHz) / 1000;
    for (let at = 0; at < whole.length; at += chunk) {
      await clock.advance(model.chunkMs);
      connection.sendAudio(whole.slice(at, at + chunk));
    }
  };
  return { clock, model, connection, events, aborter, says };
}

const textOf = (events: readonly LiveEvent[], who: 'caller' | 'agent'): string =>
  events
    .flatMap((event) => (event.type === 'transcript' && event.speaker === who ? [event.final ? '|' : event.text] : []))
    .join('');

describe('a scripted model', () => {
  it('tells what it hears, calls and says, at other rates too', async () => {
    for (const options of [{}, { inputRateHz: 8000, outputRateHz: 16_000, chunkMs: 20 }]) {
      const { clock, model, connection, events, says } = await opened(options);
      await says('The weather in Rome?');
      expect(events.find(({ type }) => type === 'tool-call')).toMatchObject({
        name: 'weather',
        args: { city: 'rome' },
      });
      const [session] = model.sessions;
      connection.sendToolAnswer({ id: 'call-1', name: 'weather', output: 'sunny' });
      await clock.advance(3000);
      expect(textOf(events, 'caller')).toBe('The weather in Rome?|');
      expect(textOf(events, 'agent')).toBe('It is sunny|');
      const sound = events.flatMap((event) => (event.type === 'audio' ? [...event.samples] : []));
      const heard = speech.decode(Int16Array.from(sound), { sampleRateHz: model.outputRateHz, bands: ['high'] });
      expect(heard).toBe('It is sunny');
      expect(events.slice(-2)).toEqual([
        { type: 'usage', inputTokens: 4, outputTokens: 3, totalTokens: 7 },
        { type: 'turn-complete' },
      ]);
      expect(session).toMatchObject({
        callId: 'call-a',
        instruction: 'Tell the weather.',
        tools: ['weather'],
        heard: ['The weather in Rome?'],
        answers: [{ name: 'weather', answer: 'sunny' }],
        warnings: [],
        closed: false,
      });
      await connection.close();
      expect(clock.pendingTimers).toBe(0);
    }
  });

  it('is interrupted, and keeps what it is told of it if it can be told', async () => {
    const { clock, model, connection, events, says } = await opened({ abilities: { truncation: true } });
    connection.sendText('story');
    await clock.advance(2000);
    await says('stop');
    expect(events.map(({ type }) => type)).toContain('interrupted');
    connection.truncate?.({ heardMs: 1234.5, heardText: 'Once upon' });
    connection.sendText('You were interrupted.', { answer: false });
    expect(model.sessions[0]?.notes).toEqual(['heard 1235 ms: Once upon', 'You were interrupted.']);
    await connection.close();
    expect((await opened()).connection.truncate).toBeUndefined();
  });

  it('says and calls what a test wants, and takes back its calls', async () => {
    const { clock, model, connection, events } = await opened();
    const [session] = model.sessions;
    session?.say('Hello there');
    session?.call('weather', { city: 'Oslo' });
    await clock.advance(4000);
    session?.cancelTools();
    await clock.advance(1000);
    expect(textOf(events, 'agent')).toBe('Hello there|');
    expect(events.filter(({ type }) => type.startsWith('tool'))).toEqual([
      { type: 'tool-call', id: 'call-1', name: 'weather', args: { city: 'Oslo' } },
      { type: 'tool-cancelled', ids: ['call-1'] },
    ]);
    await connection.close();
  });

  it('closes once: when asked, when it is no longer wanted, or with an error when it breaks off', async () => {
    const asked = await opened();
    await asked.connection.close();
    await asked.connection.close();
    expect(asked.events).toEqual([{ type: 'closed' }]);

    const unwanted = await opened();
    unwanted.connection.sendText('story');
    await unwanted.clock.advance(700);
    unwanted.aborter.abort();
    await unwanted.connection.close();
    await unwanted.clock.advance(3000);
    expect(unwanted.events.at(-1)).toEqual({ type: 'closed' });
    expect(unwanted.clock.pendingTimers).toBe(0);

    const lost = await opened();
    lost.model.sessions[0]?.lose();
    expect(lost.events).toMatchObject([{ type: 'closed', error: { code: 'LOST', retryable: true } }]);
    expect(lost.model.sessions[0]?.closed).toBe(true);
  });

  it('is not opened for a call that is over, nor made with rules that cannot be used', async () => {
    const aborter = new AbortController();
    aborter.abort();
    const session = { signal: aborter.signal } as LiveSession;
    await expect(scriptedModel(rules).open(session)).rejects.toMatchObject({ code: 'ABORTED' });
    expect(() => scriptedModel({ rules: [{ hears: '(' }] })).toThrow('rules[0].hears is no regular expression');
  });
});
