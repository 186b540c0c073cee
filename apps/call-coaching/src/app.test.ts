import { type AppLab, createAppLab, type NotifierFault } from '@agentao/testing/app';
import type { LabCall } from '@agentao/testing';
import { describe, expect, it } from 'vitest';
import { type CoachParts, createApp } from './app.ts';
import { type CoachingStore, openStore } from './store.ts';

const secondNumber = '+15559998';
const open = ({
  answerFirst = false,
  notifier,
}: {
  readonly answerFirst?: boolean;
  readonly notifier?: NotifierFault | undefined;
} = {}): Promise<AppLab<CoachingStore>> =>
  createAppLab({
    rules: new URL('../model.json', import.meta.url),
    openStore,
    createApp: (parts: CoachParts) => createApp({ ...parts, answerFirst }),
    notifier,
    moreNumbers: [secondNumber],
  });

async function connected(
  lab: AppLab<CoachingStore>,
  { from = '+15550001', to = lab.number } = {},
): Promise<readonly [LabCall, LabCall]> {
  const call = await lab.phone(from).call(to);
  const human = await lab.phone(to).rung();
  human.answer();
  await call.says('Hello');
  await human.hears('Hello', { from: 'low' });
  return [call, human];
}

describe('the coach', () => {
  it.each([false, true])(
    'whispers to the callee alone, and spies again when that was heard (answered first: %s)',
    async (answerFirst) => {
      await using lab = await open({ answerFirst });
      const [call, human] = await connected(lab);
      expect(lab.calls[0]?.mode).toBe('spy');
      await call.says('It is too expensive');
      await human.hears('Offer ten', { from: 'high' });
      expect(lab.calls[0]?.mode).toBe('whisper');
      await human.hears('percent', { from: 'high' });
      await lab.pass(2_000);
      expect(lab.calls[0]?.mode).toBe('spy');
      await human.says('I offer ten percent');
      await call.hears('I offer ten percent', { from: 'middle' });
      await call.says('Thank you');
      await lab.pass(3_000);
      expect(call.heard('high')).toBe('');
      expect(human.heard('high')).toBe('Offer ten percent.');
      expect(await lab.store.of(lab.calls[0]?.callId ?? '')).toEqual([
        { party: 'caller', kind: 'sentiment', text: 'negative' },
        { party: 'caller', kind: 'topic', text: 'price' },
        { party: 'coach', kind: 'advice', text: 'Offer ten percent.' },
        { party: 'caller', kind: 'sentiment', text: 'positive' },
        { party: 'caller', kind: 'topic', text: 'thanks' },
      ]);
      call.hangUp();
      await human.ended();
      await lab.handled();
    },
  );

  it('hears the callee apart from the caller', async () => {
    await using lab = await open();
    const [call, human] = await connected(lab);
    await human.says('I am angry too');
    await human.hears('Offer ten percent', { from: 'high' });
    expect(await lab.store.of(lab.calls[0]?.callId ?? '')).toMatchObject([
      { party: 'callee', text: 'negative' },
      { party: 'callee' },
    ]);
    call.hangUp();
    await lab.handled();
  });

  it('leaves the two to themselves when asked, or when its model is lost', async () => {
    await using lab = await open();
    const { model } = lab;
    const [call, human] = await connected(lab);
    await call.says('coach please leave');
    await lab.pass(2_000);
    await lab.handled();
    await call.says('Now we are alone');
    await human.hears('Now we are alone', { from: 'low' });
    call.hangUp();
    await human.ended();
    const [second, other] = await connected(lab, { from: '+15550003' });
    model.sessions.at(-1)?.lose();
    await lab.pass(2_000);
    await second.says('Are you there');
    await other.hears('Are you there', { from: 'low' });
    second.hangUp();
  });

  it.each([undefined, 'down', 'hangs'] as const)(
    'tells that somebody called whom nobody answered: notifier %s',
    async (notifier) => {
      await using lab = await open({ notifier });
      lab.phone(lab.number, { whenRung: 'rejects' });
      const call = await lab.phone('+15550001').call();
      expect(await call.ended()).toMatchObject({ by: 'agent' });
      await lab.handled();
      expect(lab.notified).toEqual([{ to: lab.number, text: '+15550001 called and nobody picked up.' }]);
    },
  );

  const steps: readonly ((call: LabCall, human: LabCall) => unknown)[] = [
    (_, human) => human.answer(),
    (call) => call.says('Hello'),
    (_, human) => human.hears('Hello', { from: 'low' }),
    (call) => call.says('It is too expensive'),
    (_, human) => human.hears('Offer', { from: 'high' }),
    (_, human) => human.hears('percent', { from: 'high' }),
    (_, human) => human.says('I offer ten percent'),
  ];
  it.each([0, ...steps.map((_, index) => index + 1)])('survives a caller who hangs up after step %i', async (count) => {
    await using lab = await open();
    const call = await lab.phone('+15550001').call();
    const human = await lab.phone(lab.number).rung();
    for (const step of steps.slice(0, count)) await step(call, human);
    call.hangUp();
    await human.ended();
    await lab.handled();
    expect(call.heard('high')).toBe('');
  });

  it('answers a model that calls a wrong tool or gives wrong arguments, unheard', async () => {
    await using lab = await open();
    const { model } = lab;
    const [call, human] = await connected(lab);
    model.sessions[0]?.call('coach', {});
    model.sessions[0]?.call('note', { sentiment: 'furious', topic: '' });
    await lab.pass(3_000);
    expect(JSON.stringify(model.sessions[0]?.answers)).toMatch(/There is no tool coach.*Wrong arguments for note/s);
    expect(human.heard('high') + call.heard('high')).toBe('');
    expect(await lab.store.of(lab.calls[0]?.callId ?? '')).toEqual([]);
    call.hangUp();
    await lab.handled();
  });

  it('advises also while its store is locked', async () => {
    await using lab = await open();
    const [call, human] = await connected(lab);
    const other = lab.lockStore();
    await call.says('It is too expensive');
    await human.hears('Offer ten percent', { from: 'high' });
    other[Symbol.dispose]();
    call.hangUp();
    await human.ended();
    await lab.handled();
  });

  it('keeps two calls at once apart', async () => {
    await using lab = await open();
    const [call, human] = await connected(lab);
    const [other, another] = await connected(lab, { from: '+15550003', to: secondNumber });
    await call.says('It is too expensive');
    await human.hears('Offer ten percent', { from: 'high' });
    await other.says('That is good');
    await lab.pass(2_000);
    expect(another.heard('high') + other.heard('high')).toBe('');
    const noted = await Promise.all(lab.calls.map(({ callId }) => lab.store.of(callId)));
    expect(noted.map((notes) => notes.map(({ text }) => text))).toEqual([
      ['negative', 'price', 'Offer ten percent.'],
      ['positive', 'thanks'],
    ]);
    other.hangUp();
    call.hangUp();
    for (const one of lab.calls) await lab.handled(one);
  });
});
