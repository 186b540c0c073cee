import { endCall, handOff, type Turn, voiceAgent, type VoiceAgentOptions } from '@agentao/agent';
import { speech } from '@agentao/audio/speech';
import { createLab, type ModelRules, scriptedModel, type ScriptedModelOptions } from '@agentao/testing';
import { describe, expect, it } from 'vitest';

const rules: ModelRules = {
  rules: [
    { hears: 'greet', say: 'Hello caller.' },
    { hears: 'bye', say: 'Okay.', call: { name: 'end_call' } },
    { after: 'end_call', say: 'Goodbye and thank you for calling us today.', times: 1 },
    { hears: 'person', call: { name: 'hand_off' } },
    { after: 'hand_off', say: 'One moment.' },
    { hears: 'wait', say: 'I am still here.' },
    { hears: 'start', say: 'Let us start.' },
  ],
};

const agent = (options: ScriptedModelOptions = {}, more: Partial<VoiceAgentOptions> = {}) =>
  voiceAgent({
    model: scriptedModel(rules, options),
    greeting: 'Greet the caller.',
    tools: [endCall(), handOff({ ringTimeSeconds: 20 })],
    ...more,
  });

describe('the end of a conversation', () => {
  it.each([false, true])('comes when the goodbye was heard, where a tool ends the turn: %s', async (toolsEndTurns) => {
    await using lab = await createLab({ handler: agent({ toolsEndTurns, thinkMs: 1_500 }) });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await call.says('Bye');
    await call.hears('Goodbye and thank you for calling us today');
    expect(await call.ended()).toEqual({ reason: 'disconnected', by: 'agent' });
    expect(await lab.handled()).toMatchObject({ outcome: 'ended' });
  });

  it('comes at once where the goodbye was said with the tool, and nothing more is said', async () => {
    const silent: ModelRules = {
      rules: [
        { hears: 'greet', say: 'Hello caller.' },
        { hears: 'bye', say: 'Goodbye to you.', call: { name: 'end_call' } },
      ],
    };
    await using lab = await createLab({ handler: agent({}, { model: scriptedModel(silent) }) });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await call.says('Bye');
    await call.hears('Goodbye to you');
    expect(await call.ended({ withinMs: 3_000 })).toEqual({ reason: 'disconnected', by: 'agent' });
  });

  it('is called off by a caller who speaks into the goodbye, and may be asked for again', async () => {
    await using lab = await createLab({ handler: agent() });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await call.says('Bye');
    await call.hears('Goodbye and thank');
    await call.says('Wait wait');
    await call.hears('I am still here');
    await lab.pass(8_000);
    await call.says('Now bye');
    await call.hears('Okay');
    expect(await call.ended()).toEqual({ reason: 'disconnected', by: 'agent' });
    expect(await lab.handled()).toMatchObject({ outcome: 'ended', tools: [{ outcome: 'ok' }, { outcome: 'ok' }] });
  });

  it('is no hand-off where the caller hangs up while it rings', async () => {
    await using lab = await createLab({ handler: agent() });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await call.says('A person please');
    await call.hears('One moment');
    const callee = await lab.phone(lab.number).rung();
    call.hangUp();
    await callee.ended();
    expect(await lab.handled()).toMatchObject({ outcome: 'hung-up', ended: { by: 'caller' } });
    const [agentNote] = lab.annotations(lab.calls[0]?.callId ?? '').filter(({ kind }) => kind === 'agent');
    expect(agentNote?.data).toMatchObject({ outcome: 'hung-up' });
  });
});

describe('what is kept before a hand-off', () => {
  const handOffWith = (before: () => Promise<void>) =>
    agent({}, { tools: [endCall(), handOff({ ringTimeSeconds: 20, before })] });

  it('is kept once, however often the model asks at once, and again when it asks later', async () => {
    let kept = 0;
    const before = async (): Promise<void> => {
      kept += 1;
      await new Promise((resolve) => setImmediate(resolve));
    };
    const model = scriptedModel(rules);
    await using lab = await createLab({
      handler: agent({}, { model, tools: [handOff({ ringTimeSeconds: 5, before })] }),
    });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    for (let i = 0; i < 3; i++) model.sessions[0]?.call('hand_off', {});
    await lab.phone(lab.number).rung();
    model.sessions[0]?.call('hand_off', {});
    await lab.pass(1_000);
    expect(kept).toBe(1);
    await lab.pass(8_000);
    model.sessions[0]?.call('hand_off', {});
    await lab.phone(lab.number).rung();
    expect(kept).toBe(2);
    call.hangUp();
    await lab.handled();
  });

  it('rings nobody where it takes too long, and is asked for again', async () => {
    const keeping = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    let kept = 0;
    await using lab = await createLab({
      handler: handOffWith(() => keeping[kept++ % 2]?.promise ?? Promise.resolve()),
    });
    const call = await lab.phone('+15550001').call();
    const person = lab.phone(lab.number);
    await call.hears('Hello caller');
    await call.says('A person please');
    await lab.pass(21_000);
    keeping[0].resolve();
    await lab.pass(10_000);
    await expect(person.rung({ withinMs: 100 })).rejects.toThrow('did not ring');
    keeping[1].resolve();
    await call.says('A person please');
    await person.rung();
    expect(kept).toBe(2);
    call.hangUp();
    expect(await lab.handled()).toMatchObject({ tools: [{ outcome: 'timeout' }, { outcome: 'ok' }] });
  });
});

describe('a greeting that is played', () => {
  const clip = speech.encode('one two three four five six seven eight nine ten', {
    sampleRateHz: 24_000,
    band: 'high',
  });

  it('is heard from its beginning, and to its end', async () => {
    await using lab = await createLab({ handler: agent({}, { greeting: { play: clip } }) });
    const call = await lab.phone('+15550001').call();
    await call.hears('one two three four five six seven eight nine ten');
    await call.says('Let us start');
    await call.hears('Let us start');
    call.hangUp();
    await lab.handled();
  });

  it('is cut off by a caller who speaks', async () => {
    const turns: Turn[] = [];
    const onTurn = (turn: Turn): void => void turns.push(turn);
    await using lab = await createLab({ handler: agent({}, { greeting: { play: clip }, onTurn }) });
    const call = await lab.phone('+15550001').call();
    await call.hears('one two');
    await call.says('Please start');
    await call.hears('Let us start');
    expect(call.heard('high')).not.toContain('seven');
    await lab.pass(1_000);
    call.hangUp();
    await lab.handled();
    expect(turns).toMatchObject([{ heardText: 'Let us start.', interrupted: false }]);
  });
});
