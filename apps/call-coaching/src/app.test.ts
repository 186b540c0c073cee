import { type AppLab, createAppLab, type NotifierFault } from '@agentao/testing/app';
import { LiveModelError } from '@agentao/agent';
import { decodeWav } from '@agentao/audio';
import type { LabCall, ModelRules } from '@agentao/testing';
import { describe, expect, it } from 'vitest';
import { type CoachParts, createApp } from './app.ts';
import { type CoachingStore, openStore } from './store.ts';

const secondNumber = '+15559998';
interface LabOptions {
  readonly answerFirst?: boolean;
  readonly notifier?: NotifierFault | undefined;
  readonly rules?: ModelRules | URL;
  /** Whether the model can be had. */
  readonly modelDown?: boolean;
}
const noModel = (): Promise<never> => Promise.reject(new LiveModelError('UNREACHABLE', 'nobody is there'));
const file = new URL('../model.json', import.meta.url);
const open = ({
  answerFirst = false,
  notifier,
  rules = file,
  modelDown = false,
}: LabOptions = {}): Promise<AppLab<CoachingStore>> =>
  createAppLab({
    rules,
    openStore,
    createApp: ({ model, ...parts }: CoachParts) =>
      createApp({ ...parts, model: modelDown ? { ...model, open: noModel } : model, answerFirst }),
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

  it('lets the caller hear not one sample of it', async () => {
    await using lab = await open();
    const [call, human] = await connected(lab);
    const samplesOf = (ear: LabCall): Int16Array => decodeWav(ear.recording()).samples;
    const [before, humanBefore] = [samplesOf(call).length, samplesOf(human).length];
    await call.says('It is too expensive');
    await human.hears('Offer ten percent', { from: 'high' });
    await lab.pass(1_000);
    call.hangUp();
    await lab.handled();
    // The callee has said nothing: what the caller hears since the ring-back is silence to the last bit.
    const heard = samplesOf(call).subarray(before);
    expect(heard.length).toBeGreaterThan(24_000);
    expect(heard.findIndex((sample) => sample !== 0)).toBe(-1);
    expect(
      samplesOf(human)
        .subarray(humanBefore)
        .some((sample) => sample !== 0),
    ).toBe(true);
  });

  it('gives the advice of one side at a time, and nothing that was not asked for', async () => {
    const advice = 'Offer ten percent and tell them that it is for this week only and that it may be the last one';
    const rules: ModelRules = {
      rules: [
        { hears: 'expensive', call: [{ name: 'advise' }, { name: 'advise' }] },
        { after: 'advise', result: { error: true } },
        { after: 'advise', say: advice },
      ],
      otherwise: 'Hm.',
    };
    await using lab = await open({ rules });
    const [call, human] = await connected(lab);
    await lab.pass(2_000);
    await call.says('It is too expensive');
    await human.hears('Offer ten', { from: 'high' });
    // Its answer would be "Hm.", and then advice of its own.
    await human.says('Let me see');
    await lab.pass(1_500);
    await human.says('Is that expensive');
    await human.hears('the last one', { from: 'high' });
    await lab.pass(3_000);
    expect(human.heard('high')).toBe(advice);
    expect(call.heard('high')).toBe('');
    const answers = lab.model.sessions.map((session) => JSON.stringify(session.answers));
    expect(answers[0]).toContain('given already');
    expect(answers[1]).toMatch(/given already.*given already/);
    expect(await lab.store.of(lab.calls[0]?.callId ?? '')).toEqual([{ party: 'coach', kind: 'advice', text: advice }]);
    await human.says('It is expensive after all');
    await human.hears('Offer ten percent', { from: 'high' });
    await call.says('What was that');
    await human.hears('the last one', { from: 'high' });
    await lab.pass(3_000);
    expect(human.heard('high')).toBe(`${advice} ${advice}`);
    call.hangUp();
    await lab.handled();
  });

  it('keeps of advice that was cut off what was heard', async () => {
    await using lab = await open();
    const [call, human] = await connected(lab);
    await call.says('It is too expensive');
    await human.hears('Offer', { from: 'high' });
    await call.says('What do you say to that');
    await lab.pass(2_000);
    expect(human.heard('high')).not.toContain('percent.');
    const notes = await lab.store.of(lab.calls[0]?.callId ?? '');
    expect(notes.at(-1)).toEqual({
      party: 'coach',
      kind: 'advice',
      text: expect.stringMatching(/^Offer( ten)?$/) as string,
    });
    expect(lab.calls[0]?.mode).toBe('spy');
    call.hangUp();
    await lab.handled();
  });

  it('keeps no advice that was never said, and spies again', async () => {
    await using lab = await open({ rules: { rules: [{ after: 'advise' }] } });
    const [call, human] = await connected(lab);
    await lab.pass(3_000);
    lab.model.sessions[0]?.call('advise', {});
    await lab.pass(1_000);
    expect(lab.calls[0]?.mode).toBe('whisper');
    await lab.pass(12_000);
    expect(lab.calls[0]?.mode).toBe('spy');
    expect(await lab.store.of(lab.calls[0]?.callId ?? '')).toEqual([]);
    expect(human.heard('high')).toBe('');
    call.hangUp();
    await lab.handled();
  });

  it('advises, and leaves, at a key of the callee, not at one of the caller', async () => {
    await using lab = await open();
    const [call, human] = await connected(lab);
    call.press('*9');
    await lab.pass(3_000);
    expect(human.heard('high')).toBe('');
    human.press('*');
    await human.hears('Offer ten percent', { from: 'high' });
    await lab.pass(1_000);
    human.press('9');
    await lab.handled();
    await call.says('Now we are alone');
    await human.hears('Now we are alone', { from: 'low' });
    expect(call.heard('high')).toBe('');
    call.hangUp();
  });

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
    await lab.handled(lab.calls[1]);
    expect(lab.calls[1]?.state).toBe('DISCONNECTED');
    second.hangUp();
  });

  it.each([false, true])('gives up after half a minute of ringing (answered first: %s)', async (answerFirst) => {
    await using lab = await open({ answerFirst });
    const call = await lab.phone('+15550001').call();
    const human = await lab.phone(lab.number).rung();
    const beganMs = lab.clock.now();
    await human.ended({ withinMs: 40_000 });
    expect(Math.round((lab.clock.now() - beganMs) / 1_000)).toBe(30);
    if (answerFirst) await call.hears('I am sorry nobody picks up. Goodbye');
    expect(await call.ended()).toMatchObject({ by: 'agent' });
    expect(call.heard('high')).toBe(answerFirst ? 'I am sorry, nobody picks up. Goodbye.' : '');
    await lab.handled();
    expect(lab.notified).toHaveLength(1);
  });

  it('leaves the two to themselves, or ends a line that is answered, where there is no model', async () => {
    await using lab = await open({ answerFirst: true, modelDown: true });
    const [call] = await connected(lab);
    await lab.handled();
    expect(lab.calls[0]?.state).toBe('DISCONNECTED');
    call.hangUp();
    const second = await lab.phone('+15550003').call(secondNumber);
    (await lab.phone(secondNumber).rung()).reject();
    expect(await second.ended()).toMatchObject({ by: 'agent' });
    await lab.handled(lab.calls[1]);
  });

  it('ends a line that is answered without a word where the model is lost', async () => {
    await using lab = await open({ answerFirst: true });
    lab.phone(lab.number, { whenRung: 'rejects' });
    const call = await lab.phone('+15550001').call();
    while (lab.model.sessions.length === 0) await lab.pass(20);
    lab.model.sessions[0]?.lose();
    expect(await call.ended()).toMatchObject({ by: 'agent' });
    await lab.handled();
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
  const walks = [0, ...steps.map((_, index) => index + 1)];
  const ends = walks.flatMap((count) => (['caller', 'callee'] as const).map((who) => ({ who, count })));
  it.each(ends)('survives a $who who hangs up after step $count', async ({ who, count }) => {
    await using lab = await open();
    const call = await lab.phone('+15550001').call();
    const human = await lab.phone(lab.number).rung();
    for (const step of steps.slice(0, count)) await step(call, human);
    if (who === 'caller') call.hangUp();
    else if (count === 0) human.reject();
    else human.hangUp();
    await (who === 'caller' ? human : call).ended();
    await lab.handled();
    expect(call.heard('high')).toBe('');
    const kept = await lab.store.of(lab.calls[0]?.callId ?? '');
    const [sentiment, topic, advice = ''] = kept.map(({ text }) => text);
    expect([sentiment, topic]).toEqual(count < 5 ? [undefined, undefined] : ['negative', 'price']);
    // What was heard of it when somebody hung up.
    expect('Offer ten percent.'.startsWith(advice)).toBe(true);
    expect(advice !== '' || count < steps.length).toBe(true);
    expect(kept.length).toBeLessThanOrEqual(3);
    // Who hangs up as soon as they have picked up has not picked up.
    expect(lab.notified).toHaveLength(who === 'callee' && count < 2 ? 1 : 0);
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
    await lab.pass(5_000);
    other[Symbol.dispose]();
    call.hangUp();
    await human.ended();
    await lab.handled();
    expect(await lab.store.of(lab.calls[0]?.callId ?? '')).toEqual([]);
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
