import { type AgentResult, type Turn, voiceAgent } from '@agentao/agent';
import { createLab, type ModelRules, scriptedModel } from '@agentao/testing';
import { describe, expect, it } from 'vitest';
import { soundsHeard } from './sounds-heard.ts';

const rules: ModelRules = {
  rules: [
    { hears: 'greet', say: 'Hello, this is the workshop.' },
    { hears: 'ready', say: 'It is ready.' },
    { hears: 'long', say: 'One two three four five six seven eight nine ten.' },
    { hears: 'stop', say: 'Okay.' },
  ],
};

/** The switch and the phone work in steps of 20 ms, and the voice activity of the caller in steps of 10. */
const nearMs = 60;
/** A spoken word ends with this much silence. */
const wordGapMs = 50;

/** Whether two times are the same at the ear. */
const expectNear = (actualMs: number | null | undefined, expectedMs: number, what: string): void =>
  expect(
    Math.abs((actualMs ?? Number.NaN) - expectedMs),
    `${what}: ${actualMs}, not ${expectedMs}`,
  ).toBeLessThanOrEqual(nearMs);

describe('a call with a greeting that the model makes', () => {
  it.each([0, 300, 1_500, 2_900])(
    'is answered with its first sound, where the model thinks for %s ms',
    async (thinkMs) => {
      const handler = voiceAgent({ model: scriptedModel(rules, { thinkMs }), greeting: 'Greet the caller.' });
      await using lab = await createLab({ handler });
      const dialledMs = lab.clock.now();
      const call = await lab.phone('+15550001').call();
      await call.answered();
      const answeredMs = lab.clock.now();
      await call.hears('Hello, this is the workshop.');
      expectNear(answeredMs - dialledMs, thinkMs, 'rang for');
      expectNear(soundsHeard(lab, call)[0]?.fromMs, answeredMs, 'first sound');
      call.hangUp();
      await lab.handled();
    },
  );

  it('is answered after three seconds if the model says nothing, and goes on', async () => {
    const mute: ModelRules = { rules: [{ hears: 'ready', say: 'It is ready.' }], otherwise: '' };
    const handler = voiceAgent({ model: scriptedModel(mute), greeting: 'Greet the caller.' });
    await using lab = await createLab({ handler });
    const dialledMs = lab.clock.now();
    const call = await lab.phone('+15550001').call();
    await call.answered();
    expectNear(lab.clock.now() - dialledMs, 3_000, 'rang for');
    await call.says('Is it ready');
    await call.hears('It is ready');
    call.hangUp();
    expect(await lab.handled()).toMatchObject({ outcome: 'hung-up' });
  });
});

describe('the times of a turn', () => {
  it.each([8000, 24_000] as const)('are those at the ear of the caller, at %s Hz', async (sampleRateHz) => {
    const turns: Turn[] = [];
    const handler = voiceAgent({
      model: scriptedModel(rules, { thinkMs: 700 }),
      greeting: 'Greet the caller.',
      onTurn: (turn) => void turns.push(turn),
    });
    await using lab = await createLab({ handler, sampleRateHz });
    const dialledMs = lab.clock.now();
    const call = await lab.phone('+15550001').call();
    const spokenMs: number[] = [];
    for (const answer of ['workshop', 'ready', 'ready']) {
      await call.hears(answer, { from: 'high' });
      await lab.pass(500);
      if (spokenMs.length === 2) break;
      await call.says('Is it ready');
      spokenMs.push(lab.clock.now() - wordGapMs);
    }
    const sounds = soundsHeard(lab, call);
    expect([turns.length, sounds.length]).toEqual([3, 3]);
    turns.forEach(({ index, startMs, endMs, latencyMs }) => {
      const { fromMs, toMs } = sounds[index] ?? { fromMs: Number.NaN, toMs: Number.NaN };
      expectNear(startMs, fromMs - dialledMs, `start of turn ${index}`);
      expectNear(endMs, toMs + wordGapMs - dialledMs, `end of turn ${index}`);
      if (index === 0) expect(latencyMs).toBeUndefined();
      else expectNear(latencyMs, fromMs - (spokenMs[index - 1] ?? Number.NaN), `latency of turn ${index}`);
    });
    call.hangUp();
    const { turns: reported } = (await lab.handled()) as AgentResult;
    expect(reported).toEqual(turns);
  });

  it('end where the caller interrupted it', async () => {
    const turns: Turn[] = [];
    const handler = voiceAgent({
      model: scriptedModel(rules),
      greeting: 'Greet the caller.',
      onTurn: (turn) => void turns.push(turn),
    });
    await using lab = await createLab({ handler });
    const dialledMs = lab.clock.now();
    const call = await lab.phone('+15550001').call();
    await call.hears('workshop');
    await call.says('something long');
    await call.hears('one two three');
    await call.says('stop');
    await call.hears('okay');
    const [, cutOff] = soundsHeard(lab, call);
    expectNear(turns[1]?.startMs, (cutOff?.fromMs ?? 0) - dialledMs, 'start');
    expectNear(turns[1]?.endMs, (cutOff?.toMs ?? 0) - dialledMs, 'end');
    call.hangUp();
    await lab.handled();
  });
});
