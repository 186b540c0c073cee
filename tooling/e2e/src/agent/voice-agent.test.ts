import { defineTool, endCall, handOff, type Turn, voiceAgent, type VoiceAgentOptions } from '@agentao/agent';
import { createLab, type ModelRules, scriptedModel, type ScriptedModel } from '@agentao/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const repairs = new Map([['42', { state: 'ready', price: 'sixty euros' }]]);

const repairStatus = defineTool({
  name: 'repair_status',
  description: 'Looks up how far a repair is.',
  input: z.object({ ticket: z.string() }),
  execute: ({ ticket }) => repairs.get(ticket) ?? { state: 'unknown' },
});

const rules: ModelRules = {
  rules: [
    { hears: 'greet', say: 'Hello, this is the workshop.' },
    { hears: 'ticket (?<ticket>\\d+)', call: { name: 'repair_status', args: { ticket: '{ticket}' } } },
    { after: 'repair_status', result: { state: 'ready' }, say: 'It is ready and costs {result.price}.' },
    { hears: 'long', say: 'One two three four five six seven eight nine ten eleven twelve thirteen fourteen.' },
    { hears: 'broken', call: { name: 'no_such_tool' } },
    { after: 'no_such_tool', result: { error: true }, say: 'That does not work.' },
    { hears: 'person', call: { name: 'hand_off' } },
    { after: 'hand_off', say: 'One moment.' },
    { hears: 'nobody answered', say: 'Nobody is there.' },
    { hears: 'nobody has spoken', say: 'Are you there?' },
    { hears: 'bye', call: { name: 'end_call' } },
    { after: 'end_call', say: 'Goodbye.' },
  ],
};

const agent = (model: ScriptedModel, options: Partial<VoiceAgentOptions> = {}): ReturnType<typeof voiceAgent> =>
  voiceAgent({
    model,
    greeting: 'Greet the caller.',
    tools: [repairStatus, handOff({ ringTimeSeconds: 5 }), endCall()],
    ...options,
  });

describe('a voice agent on a call', () => {
  it('greets, looks things up, says goodbye and ends the call', async () => {
    const turns: Turn[] = [];
    const model = scriptedModel(rules);
    await using lab = await createLab({ handler: agent(model, { onTurn: (turn) => turns.push(turn) }) });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello, this is the workshop.');
    await call.says('Is ticket 42 ready?');
    await call.hears('It is ready and costs sixty euros');
    await call.says('Thanks, bye');
    await call.hears('Goodbye');
    expect(await call.ended()).toEqual({ reason: 'disconnected', by: 'agent' });
    const result = await lab.handled();
    expect(result).toMatchObject({
      outcome: 'ended',
      tools: [{ name: 'repair_status', outcome: 'ok' }, { name: 'end_call' }],
    });
    expect(turns.map(({ heardText }) => heardText)).toEqual([
      'Hello, this is the workshop.',
      'It is ready and costs sixty euros.',
      'Goodbye.',
    ]);
    expect(turns.map(({ interrupted }) => interrupted)).toEqual([false, false, false]);
    expect(turns[1]?.latencyMs).toBeGreaterThan(0);
    const kinds = lab.annotations(lab.calls[0]?.callId ?? '').map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['turn', 'transcript', 'tool', 'usage', 'agent']));
  });

  it('is silent at once when the caller interrupts, and knows to the word what was heard', async () => {
    const turns: Turn[] = [];
    const model = scriptedModel(rules);
    await using lab = await createLab({ handler: agent(model, { onTurn: (turn) => turns.push(turn) }) });
    const call = await lab.phone('+15550001').call();
    await call.hears('workshop');
    await call.says('Tell me something long');
    await call.hears('one two three');
    await call.says('Stop. Ticket 42');
    await call.hears('It is ready');
    const heard = turns[1];
    expect(heard).toMatchObject({ interrupted: true });
    expect(call.heard('high')).toContain(heard?.heardText);
    expect(call.heard('high')).not.toContain('fourteen');
    expect(model.sessions[0]?.notes).toContain(
      `[The caller interrupted you. Of your last answer only this was heard: "${heard?.heardText}"]`,
    );
    call.hangUp();
    expect(await lab.handled()).toMatchObject({ outcome: 'hung-up' });
  });

  it('gives the call back to the model when nobody answers, and leaves the two alone when somebody does', async () => {
    const model = scriptedModel(rules);
    await using lab = await createLab({ handler: agent(model) });
    const call = await lab.phone('+15550001').call();
    await call.hears('workshop');
    await call.says('A person please');
    await call.hears('One moment');
    await lab.phone(lab.number).rung();
    await call.hears('Nobody is there');
    await call.says('Try the person again');
    await call.hears('One moment');
    const callee = await lab.phone(lab.number).rung();
    callee.answer();
    await callee.says('Workshop speaking');
    await call.hears('Workshop speaking', { from: 'middle' });
    await call.says('Hello person');
    await callee.hears('Hello person');
    expect(await lab.handled()).toMatchObject({ outcome: 'handed-off' });
    callee.hangUp();
    await call.ended();
  });

  it('answers the model with an error for a tool that is not there, and goes on', async () => {
    const model = scriptedModel(rules);
    await using lab = await createLab({ handler: agent(model) });
    const call = await lab.phone('+15550001').call();
    await call.hears('workshop');
    await call.says('Do something broken');
    await call.hears('That does not work');
    call.hangUp();
    expect(await lab.handled()).toMatchObject({
      outcome: 'hung-up',
      tools: [{ outcome: 'unknown-tool' }],
    });
  });

  it('asks whether somebody is there, and ends a call in which nobody speaks', async () => {
    const model = scriptedModel(rules);
    await using lab = await createLab({ handler: agent(model, { silenceTimeoutMs: 10_000 }) });
    const call = await lab.phone('+15550001').call();
    await call.hears('workshop');
    await call.hears('Are you there');
    await call.ended();
    expect(await lab.handled()).toMatchObject({ outcome: 'silent' });
  });

  it('ends the call when the model is lost, and says so', async () => {
    const model = scriptedModel(rules);
    await using lab = await createLab({ handler: agent(model) });
    const call = await lab.phone('+15550001').call();
    await call.hears('workshop');
    model.sessions[0]?.lose();
    await call.ended();
    expect(await lab.handled()).toMatchObject({ outcome: 'failed', error: { code: 'LOST' } });
  });

  it('declines a call whose model cannot be had, so that the person is rung', async () => {
    const model = { ...scriptedModel(rules), open: () => Promise.reject(new Error('no model')) };
    await using lab = await createLab({ handler: voiceAgent({ model }) });
    const call = await lab.phone('+15550001').call();
    const callee = await lab.phone(lab.number).rung();
    callee.answer();
    await callee.says('Hello');
    await call.hears('Hello', { from: 'middle' });
    expect(await lab.handled()).toMatchObject({ outcome: 'failed', error: { code: 'UNREACHABLE' } });
  });

  it('reports every turn once and in order, and what of it was heard, whenever it is interrupted', async () => {
    const turns: Turn[] = [];
    const model = scriptedModel(rules);
    await using lab = await createLab({ handler: agent(model, { onTurn: (turn) => turns.push(turn) }) });
    const call = await lab.phone('+15550001').call();
    await call.hears('workshop');
    const instants = [0, 20, 45, 180, 333, 700, 1_111, 1_500, 2_000, 2_750];
    for (const ms of instants) {
      await call.says('long');
      await call.hears('one', { from: 'high' });
      await lab.pass(ms);
    }
    await call.says('Ticket 42');
    await call.hears('ready');
    call.hangUp();
    await lab.handled();
    expect(turns.map(({ index }) => index)).toEqual(turns.map((_, index) => index));
    const cut = turns.filter(({ text }) => text.startsWith('One'));
    expect(cut).toHaveLength(instants.length);
    expect(cut.every(({ interrupted }) => interrupted)).toBe(true);
    for (const { text, heardText } of cut) expect(text.startsWith(heardText)).toBe(true);
    // A word that stopped within its last milliseconds counts for one of the two, so that they are at most that word apart.
    const words = call.heard('high').split('workshop. ')[1]?.split(' It is')[0] ?? '';
    const atEar = words.split(/ (?=One)/).map((part) => part.split(' ').filter((word) => !word.endsWith('-')).length);
    const said = cut.map(({ heardText }) => heardText.split(' ').filter(Boolean).length);
    expect(said.map((count, index) => Math.abs(count - (atEar[index] ?? -9)) <= 1)).toEqual(said.map(() => true));
  });
});
