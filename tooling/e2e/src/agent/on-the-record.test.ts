import { type AgentResult, bridgeCall, defineTool, dispatchTools, voiceAgent } from '@agentao/agent';
import { tone } from '@agentao/audio';
import type { ActiveCall } from '@agentao/calls';
import { createLab, type Lab, type ModelRules, scriptedModel } from '@agentao/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openSpanRecorder } from '../pages/span-recorder.ts';
import { handModel } from './hand-model.ts';

const long = 'One two three four five six seven eight nine ten.';

const rules: ModelRules = {
  rules: [
    { hears: 'greet', say: 'Hello caller.' },
    { hears: 'long', say: long },
    { hears: 'ticket (?<ticket>\\d+)', call: { name: 'repair_status', args: { ticket: '{ticket}' } } },
    { after: 'repair_status', say: 'It is {result.state}.' },
  ],
};

const repairStatus = defineTool({
  name: 'repair_status',
  description: 'Looks up how far a repair is.',
  input: z.object({ ticket: z.string() }),
  execute: () => ({ state: 'ready' }),
});

/** What is on the record of the first call, of one kind, in order. */
function noted(lab: Lab, kind: string): readonly unknown[] {
  const notes = lab.annotations(lab.calls[0]?.callId ?? '');
  return notes.filter((note) => note.kind === kind).map(({ data }) => data);
}

const ms = expect.any(Number) as number;

describe('the record of a call with an agent', () => {
  it('has the tools of a bridge at their time in the call, however late the bridge was made', async () => {
    await using lab = await createLab({
      handler: async (incoming) => {
        await incoming.connect();
        const bridge = await bridgeCall(incoming, scriptedModel(rules), dispatchTools(incoming, [repairStatus]));
        await bridge.end;
      },
    });
    const call = await lab.phone('+15550001').call();
    const callee = await lab.phone(lab.number).rung();
    await lab.pass(7_000);
    callee.answer();
    await call.says('ticket 4711');
    await call.hears('It is ready');
    await lab.pass(500);
    call.hangUp();
    await lab.handled();
    const [tool] = noted(lab, 'tool') as readonly { readonly startMs: number; readonly durationMs: number }[];
    const [turn] = noted(lab, 'turn') as readonly { readonly startMs: number }[];
    expect(tool?.startMs).toBeGreaterThan(7_000);
    expect(tool?.startMs).toBeLessThan(turn?.startMs ?? 0);
    expect(tool?.durationMs).toBeLessThan(100);
  });

  it('has what was said, how much of it was heard, what was done, what it took, and how it came out', async () => {
    const handler = voiceAgent({ model: scriptedModel(rules), greeting: 'Greet the caller.', tools: [repairStatus] });
    await using lab = await createLab({ handler });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await call.says('something long');
    await call.hears('one two three');
    await call.says('ticket 4711');
    await call.hears('It is ready');
    await lab.pass(500);
    call.hangUp();
    const { turns, tools, transcript, usage } = (await lab.handled()) as AgentResult;
    const heardText = turns[1]?.heardText ?? '';
    expect(heardText).toMatch(/^One two three( |$)/);
    expect(call.heard('high')).toContain(heardText);
    expect(heardText).not.toContain('ten');

    expect(noted(lab, 'transcript')).toEqual([
      { speaker: 'agent', text: 'Hello caller.', atMs: ms },
      { speaker: 'caller', text: 'something long', atMs: ms },
      {
        speaker: 'agent',
        text: expect.stringMatching(/^One two three/),
        atMs: ms,
        cutOff: { heardText, estimated: expect.any(Boolean) },
      },
      { speaker: 'caller', text: 'ticket 4711', atMs: ms },
      { speaker: 'agent', text: 'It is ready.', atMs: ms },
    ]);
    const rounded = (at: number | undefined): number | null => (at === undefined ? null : Math.round(at));
    expect(noted(lab, 'transcript')).toEqual(transcript.map((said) => ({ ...said, atMs: rounded(said.atMs) })));
    expect(noted(lab, 'turn')).toEqual(
      turns.map((turn) => ({
        ...turn,
        startMs: rounded(turn.startMs),
        endMs: rounded(turn.endMs),
        latencyMs: rounded(turn.latencyMs),
      })),
    );
    expect(noted(lab, 'turn')).toMatchObject([
      { index: 0, latencyMs: null, interrupted: false, text: 'Hello caller.', heardText: 'Hello caller.' },
      { index: 1, interrupted: true, text: expect.not.stringMatching(`^${heardText}$`), heardText },
      { index: 2, interrupted: false, text: 'It is ready.', heardText: 'It is ready.' },
    ]);
    expect(tools).toMatchObject([{ name: 'repair_status', outcome: 'ok' }]);
    expect(noted(lab, 'tool')).toEqual(
      tools.map((run) => ({ ...run, startMs: rounded(run.startMs), durationMs: rounded(run.durationMs) })),
    );
    expect(JSON.stringify(noted(lab, 'tool'))).not.toContain('4711');
    expect(noted(lab, 'usage')).toEqual([usage]);
    expect(usage.inputTokens).toBe(4);
    expect(usage.outputTokens).toBeGreaterThan(7);
    expect(usage.totalTokens).toBe(usage.inputTokens + usage.outputTokens);
    expect(noted(lab, 'agent')).toEqual([{ model: 'scripted', outcome: 'hung-up' }]);
  });

  it.each([
    ['ASCII', 'word ', 7_680],
    ['quotation marks', '"', 3_840],
    ['CJK', '国', 2_560],
    ['emoji', '😀', 3_840],
    ['emoji behind a letter', '😀'.repeat(10_000).replace('😀', 'a'), 3_839],
    ['halves of emoji', '\ud83d', 1_280],
    ['control characters', '\u0001', 1_280],
  ])(
    'has so much of a text of %s that both texts of a note fit, and no half of a character',
    async (_, part, units) => {
      const model = handModel();
      await using lab = await createLab({ handler: voiceAgent({ model }) });
      const call = await lab.phone('+15550001').call();
      await call.answered();
      const text = part.repeat(Math.ceil(20_000 / part.length)).trim();
      model.does(
        { type: 'transcript', speaker: 'caller', text, final: true },
        { type: 'transcript', speaker: 'agent', text, final: true },
        { type: 'audio', samples: tone({ frequencyHz: 440, sampleRateHz: 24_000, durationMs: 200 }) },
        { type: 'turn-complete' },
      );
      await lab.pass(500);
      call.hangUp();
      const { transcript } = (await lab.handled()) as AgentResult;
      expect(transcript.map((utterance) => utterance.text)).toEqual([text, text]);
      const shortened = `${text.slice(0, units)} ...`;
      expect(noted(lab, 'transcript')).toMatchObject([{ text: shortened }, { text: shortened }]);
      expect(noted(lab, 'turn')).toMatchObject([{ text: shortened, heardText: shortened }]);
    },
  );

  it('has both texts of an utterance that was cut off late', async () => {
    const model = handModel();
    await using lab = await createLab({ handler: voiceAgent({ model }) });
    const call = await lab.phone('+15550001').call();
    await call.answered();
    const text = '国'.repeat(5_000);
    model.does(
      { type: 'transcript', speaker: 'agent', text, final: true, endsAtMs: 1 },
      { type: 'audio', samples: tone({ frequencyHz: 440, sampleRateHz: 24_000, durationMs: 2_000 }) },
    );
    await lab.pass(1_000);
    model.does({ type: 'interrupted' }, { type: 'turn-complete' });
    await lab.pass(500);
    call.hangUp();
    const { transcript } = (await lab.handled()) as AgentResult;
    expect(transcript).toMatchObject([{ text, cutOff: { heardText: text } }]);
    const shortened = `${text.slice(0, 2_560)} ...`;
    expect(noted(lab, 'transcript')).toMatchObject([{ text: shortened, cutOff: { heardText: shortened } }]);
  });

  it('has the beginning of what a model makes up as the id and name of a tool, and so have the spans', async () => {
    using recorder = openSpanRecorder();
    const model = handModel();
    await using lab = await createLab({ handler: voiceAgent({ model }) });
    const call = await lab.phone('+15550001').call();
    await call.answered();
    const id = 'x'.repeat(20_000);
    const name = '語'.repeat(10_000);
    model.does({ type: 'tool-call', id, name, args: {} });
    await lab.pass(500);
    expect(model.answers).toMatchObject([{ id, name, error: expect.stringContaining('There is no tool') as string }]);
    call.hangUp();
    expect(await lab.handled()).toMatchObject({ tools: [{ id, name }] });
    const shortName = `${name.slice(0, 85)} ...`;
    const [span] = recorder.spans.filter((one) => one.name === 'agentao.agent.tool');
    expect(span?.attributes['agentao.agent.tool.name']).toBe(shortName);
    const outcome = 'unknown-tool';
    expect(noted(lab, 'tool')).toMatchObject([{ id: `${id.slice(0, 256)} ...`, name: shortName, outcome }]);
  });

  it('has the failure of an agent whose model was lost', async () => {
    const model = scriptedModel(rules);
    await using lab = await createLab({ handler: voiceAgent({ model, greeting: 'Greet the caller.' }) });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    model.sessions[0]?.lose();
    await call.ended();
    await lab.handled();
    expect(noted(lab, 'agent')).toEqual([{ model: 'scripted', outcome: 'failed' }]);
  });
});

describe('what a model says of its usage', () => {
  const first = { type: 'usage', inputTokens: 100, outputTokens: 20, totalTokens: 125 } as const;
  const second = { type: 'usage', inputTokens: 7, outputTokens: 3, totalTokens: 11 } as const;
  const sum = { inputTokens: 107, outputTokens: 23, totalTokens: 136 };

  it('is summed up by a bridge', async () => {
    const model = handModel();
    const handler = async (call: ActiveCall): Promise<unknown> => {
      const bridge = await bridgeCall(call, model);
      await call.answer();
      const before = bridge.usage;
      await bridge.end;
      return [before, bridge.usage];
    };
    await using lab = await createLab({ handler });
    const call = await lab.phone('+15550001').call();
    await call.answered();
    model.does(first);
    await lab.pass(1_000);
    model.does(second);
    call.hangUp();
    expect(await lab.handled()).toEqual([{ inputTokens: 0, outputTokens: 0, totalTokens: 0 }, sum]);
  });

  it('is summed up by an agent, and on the record', async () => {
    const model = handModel();
    await using lab = await createLab({ handler: voiceAgent({ model }) });
    const call = await lab.phone('+15550001').call();
    await call.answered();
    model.does(first, second);
    call.hangUp();
    expect(await lab.handled()).toMatchObject({ usage: sum });
    expect(noted(lab, 'usage')).toEqual([sum]);
  });
});
