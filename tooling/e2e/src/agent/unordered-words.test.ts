import { type AgentResult, endCall, handOff, type Turn, voiceAgent, type VoiceAgentOptions } from '@agentao/agent';
import type { ActiveCall } from '@agentao/calls';
import { createLab, type Lab, type LabCall, scriptedModel } from '@agentao/testing';
import { describe, expect, it } from 'vitest';
import { handModel, type HandModel } from './hand-model.ts';

const caller = (text: string) => ({ type: 'transcript', speaker: 'caller', text, final: false }) as const;
const agent = (text: string) => ({ type: 'transcript', speaker: 'agent', text, final: false }) as const;

async function talk(
  options: Partial<VoiceAgentOptions>,
  test: (on: { lab: Lab; call: LabCall; model: HandModel }) => Promise<void>,
): Promise<AgentResult> {
  const model = handModel();
  await using lab = await createLab({ handler: voiceAgent({ model, ...options }) });
  const call = await lab.phone('+15550001').call();
  await lab.pass(500);
  await test({ lab, call, model });
  call.hangUp();
  return (await lab.handled()) as AgentResult;
}

describe('words that come in no order with the sound', () => {
  it('of the caller belong to what they have said before, and to the time when they began', async () => {
    const { transcript } = await talk({}, async ({ lab, call, model }) => {
      for (const [early, late, answer] of [
        ['what is ', 'the weather', 'it is sunny'],
        ['and how ', 'about tomorrow', 'it will rain'],
      ] as const) {
        await call.says('one two three');
        model.does(caller(early));
        await lab.pass(600);
        model.does(agent(answer));
        model.sounds(answer);
        await lab.pass(50);
        model.does(caller(late));
        model.does({ type: 'turn-complete' });
        await call.hears(answer);
        await lab.pass(1_500);
      }
    });
    const words = transcript.map(({ speaker, text }) => `${speaker}: ${text}`);
    expect(words).toEqual([
      'caller: what is the weather',
      'agent: it is sunny',
      'caller: and how about tomorrow',
      'agent: it will rain',
    ]);
    const [first, answer] = transcript.map(({ atMs }) => atMs);
    expect(first).toBeGreaterThanOrEqual(450);
    expect(first).toBeLessThan(700);
    expect(answer).toBeGreaterThan(1_500);
  });

  it('of the agent after the end of its turn are no turn of their own', async () => {
    const turns: Turn[] = [];
    const onTurn = (turn: Turn): void => void turns.push(turn);
    const { outcome, transcript } = await talk({ silenceTimeoutMs: 3_000, onTurn }, async ({ lab, call, model }) => {
      model.does(agent('it is '));
      model.sounds('it is sunny');
      model.does({ type: 'turn-complete' });
      await call.hears('it is sunny');
      await lab.pass(200);
      model.does(agent('sunny'));
      await lab.pass(3_500);
      expect(model.texts).toHaveLength(1);
    });
    expect(outcome).toBe('hung-up');
    expect(turns).toMatchObject([{ interrupted: false }]);
    expect(transcript.map(({ text, cutOff }) => [text, cutOff])).toEqual([
      ['it is', undefined],
      ['sunny', undefined],
    ]);
  });

  it('of the agent before its sound belong to it, and are cut off with it', async () => {
    const { turns } = await talk({}, async ({ lab, call, model }) => {
      model.does(agent('it is sunny'));
      await lab.pass(300);
      model.sounds('it is sunny today and tomorrow');
      await call.hears('it is');
      model.does({ type: 'interrupted' });
      model.does({ type: 'turn-complete' });
      await lab.pass(500);
      model.does(agent('never heard'));
      model.does({ type: 'interrupted' });
      model.does({ type: 'turn-complete' });
      await lab.pass(500);
    });
    expect(turns).toMatchObject([
      { text: 'it is sunny', interrupted: true },
      { text: 'never heard', heardText: '', interrupted: true },
    ]);
  });
});

it('takes a turn for over of which nothing more comes, so that silence is noticed', async () => {
  const { turns } = await talk({ silenceTimeoutMs: 3_000 }, async ({ lab, call, model }) => {
    model.does(agent('it is sunny'));
    model.sounds('it is sunny');
    await call.hears('it is sunny');
    await lab.pass(4_000);
    expect(model.texts).toEqual([]);
    await lab.pass(6_000);
    expect(model.texts).toHaveLength(1);
  });
  expect(turns).toMatchObject([{ heardText: 'it is sunny', interrupted: false }]);
});

it('takes audio without samples for no sound: the goodbye that it was is over with its turn', async () => {
  await talk({ tools: [endCall()] }, async ({ call, model }) => {
    model.does({ type: 'tool-call', id: 'one', name: 'end_call', args: {} });
    model.does({ type: 'audio', samples: new Int16Array(0) }, { type: 'turn-complete' });
    expect(await call.ended()).toEqual({ reason: 'disconnected', by: 'agent' });
  });
});

it('declines a call whose model is lost while it rings, so that the person who was called is rung', async () => {
  const model = scriptedModel({ rules: [{ hears: 'greet', say: 'Hello.' }] }, { thinkMs: 2_000 });
  await using lab = await createLab({ handler: voiceAgent({ model, greeting: 'greet' }) });
  const call = await lab.phone('+15550001').call();
  await lab.pass(200);
  expect(lab.calls[0]?.state).toBe('PENDING');
  model.sessions[0]?.lose();
  const callee = await lab.phone(lab.number).rung();
  expect(await lab.handled()).toMatchObject({ outcome: 'failed', ended: { reason: 'declined', by: 'agent' } });
  callee.answer();
  await call.says('hello');
  await callee.hears('hello');
  call.hangUp();
});

it('tells a model that wants to hand over a caller who is with somebody that it did not work', async () => {
  const rules = {
    rules: [
      { hears: 'person', call: { name: 'hand_off' } },
      { after: 'hand_off', say: 'One moment.' },
      { hears: 'did not work', say: 'You are together already.' },
      { hears: 'nobody answered', say: 'Nobody is there.' },
    ],
  };
  const talking = voiceAgent({ model: scriptedModel(rules), tools: [handOff()] });
  const handler = async (call: ActiveCall): Promise<unknown> => {
    await call.connect();
    return talking(call);
  };
  await using lab = await createLab({ handler });
  lab.phone(lab.number, { whenRung: 'answers' });
  const call = await lab.phone('+15550001').call();
  await lab.pass(2_000);
  await call.says('a person please');
  await call.hears('You are together already');
  expect(call.heard()).not.toContain('Nobody');
  call.hangUp();
  await lab.handled();
});
