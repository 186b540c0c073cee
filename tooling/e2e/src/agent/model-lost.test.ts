import { type AgentResult, type LiveModel, LiveModelError, voiceAgent, type VoiceAgentOptions } from '@agentao/agent';
import { speech } from '@agentao/audio/speech';
import { createLab, type ModelRules, scriptedModel } from '@agentao/testing';
import { describe, expect, it } from 'vitest';
import { handModel } from './hand-model.ts';

const rules: ModelRules = { rules: [{ hears: 'greet', say: 'Hello caller.' }] };
const sorry = speech.encode('we are sorry', { sampleRateHz: 24_000, band: 'high' });

const agent = (model: LiveModel, onModelLost: VoiceAgentOptions['onModelLost'], more = {}) =>
  voiceAgent({ model, greeting: 'Greet the caller.', ...(onModelLost && { onModelLost }), ...more });

describe('a model that is lost in mid-call', () => {
  it('may be followed by a clip and the end, instead of the end at once', async () => {
    const model = scriptedModel(rules);
    const told: LiveModelError[] = [];
    const handler = agent(model, async (call, error) => {
      told.push(error);
      await call.play(sorry);
      await call.disconnect();
    });
    await using lab = await createLab({ handler });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await lab.pass(500);
    model.sessions[0]?.lose();
    await call.hears('we are sorry');
    expect(await call.ended()).toEqual({ reason: 'disconnected', by: 'agent' });
    const { outcome, error } = (await lab.handled()) as AgentResult;
    expect(outcome).toBe('failed');
    expect(error).toMatchObject({ name: 'LiveModelError', code: 'LOST' });
    expect(told).toEqual([error]);
  });

  it('may be followed by a person, whom the caller keeps', async () => {
    const model = scriptedModel(rules);
    const handler = agent(model, (call) => call.connect({ ringTimeSeconds: 20 }));
    await using lab = await createLab({ handler });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    model.sessions[0]?.lose();
    const person = await lab.phone(lab.number).rung();
    person.answer();
    await person.says('Workshop speaking');
    await call.hears('Workshop speaking', { from: 'middle' });
    await call.says('Hello person');
    await person.hears('Hello person');
    await lab.pass(5_000);
    await person.says('Goodbye then');
    await call.hears('Goodbye then', { from: 'middle' });
    person.hangUp();
    await call.ended();
    expect(await lab.handled()).toMatchObject({ outcome: 'failed', error: { code: 'LOST' } });
  });

  it('is heard to the end before what follows it, however much it had said', async () => {
    const model = handModel();
    const handler = agent(model, async (call) => {
      await call.play(sorry);
      await call.disconnect();
    });
    await using lab = await createLab({ handler });
    const call = await lab.phone('+15550001').call();
    await call.answered();
    const words = Array.from({ length: 55 }, (_, index) => `word${index}`).join(' ');
    model.says(words);
    await call.hears('word1');
    model.does({ type: 'closed', error: new LiveModelError('LOST', 'It broke off.') });
    await call.ended({ withinMs: 60_000 });
    expect(call.heard('high')).toBe(`${words} we are sorry`);
    expect(((await lab.handled()) as AgentResult).turns).toMatchObject([{ heardText: words, interrupted: false }]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('the program is broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the program is broken'))],
  ])('ends the call if what follows it %s, and the fault is logged', async (_, onModelLost) => {
    const model = scriptedModel(rules);
    const logged: unknown[] = [];
    const logger = {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: (fields: object, message: string) => void logged.push([fields, message]),
    };
    await using lab = await createLab({ handler: agent(model, onModelLost, { logger }) });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    model.sessions[0]?.lose();
    expect(await call.ended()).toEqual({ reason: 'disconnected', by: 'agent' });
    expect(await lab.handled()).toMatchObject({ outcome: 'failed', error: { code: 'LOST' } });
    expect(logged).toMatchObject([
      [{ model: 'scripted', code: 'LOST' }, 'the model is lost'],
      [{ model: 'scripted', err: { message: 'the program is broken' } }, 'a handler of the agent failed'],
    ]);
  });

  it('is not told of where the call ends first', async () => {
    const model = scriptedModel(rules);
    const told: string[] = [];
    await using lab = await createLab({ handler: agent(model, () => told.push('lost')) });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    call.hangUp();
    expect(await lab.handled()).toMatchObject({ outcome: 'hung-up' });
    expect(told).toEqual([]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('it cannot be closed');
      },
    ],
    ['gives nothing', () => undefined as unknown as Promise<void>],
  ])('ends with its call where closing it %s, and touches no other one', async (_, close) => {
    const model = handModel();
    const stubborn: LiveModel = { ...model, open: async (session) => ({ ...(await model.open(session)), close }) };
    await using lab = await createLab({ handler: agent(stubborn, undefined) });
    const call = await lab.phone('+15550001').call();
    const other = await lab.phone('+15550002').call();
    await call.answered();
    call.hangUp();
    expect(await lab.handled()).toMatchObject({ outcome: 'hung-up' });
    model.does({ type: 'closed', error: new LiveModelError('LOST', 'It broke off.') });
    expect(await other.ended()).toEqual({ reason: 'disconnected', by: 'agent' });
    expect(await lab.handled(lab.calls[1])).toMatchObject({ outcome: 'failed' });
  });
});
