import { adkAgent } from '@agentao/adk';
import { type AgentResult, defineTool, voiceAgent } from '@agentao/agent';
import type { CallHandler } from '@agentao/calls';
import { gemini } from '@agentao/gemini';
import { createLab, type ModelRules } from '@agentao/testing';
import { createLiveServer } from '@agentao/testing/live';
import { FunctionTool, Gemini, LlmAgent } from '@google/adk';
import { expect, it } from 'vitest';
import { z } from 'zod';

const rules: ModelRules = {
  rules: [
    { hears: 'greet', say: 'One two three four five six seven eight nine ten.' },
    { hears: 'stop', say: 'Stopped.' },
    { hears: 'keep it', call: { name: 'note' } },
    { after: 'note', say: 'Noted.' },
  ],
};

/** One of them never ends: it runs while the model is interrupted. */
const tools = [
  { name: 'look_up', description: 'Looks it up.', input: z.object({}), execute: () => new Promise(() => {}) },
  { name: 'note', description: 'Keeps it.', input: z.object({}), execute: () => ({ kept: true }) },
] as const;

class LocalGemini extends Gemini {
  readonly #url: string;

  constructor(url: string) {
    super({ model: 'gemini-live-2.5-flash-preview', apiKey: 'any' });
    this.#url = url;
  }

  override getLiveHttpOptions(): ReturnType<Gemini['getLiveHttpOptions']> {
    return { ...super.getLiveHttpOptions(), baseUrl: this.#url };
  }
}

const greeting = 'Greet the caller.';
const handlers: Readonly<Record<string, (url: string) => CallHandler>> = {
  gemini: (url) =>
    voiceAgent({
      model: gemini({ apiKey: 'any', baseUrl: url }),
      greeting,
      tools: tools.map((tool) => defineTool(tool)),
    }),
  adk: (url) => {
    const made = tools.map(({ input, ...tool }) => new FunctionTool({ ...tool, parameters: input }));
    return adkAgent({ agent: new LlmAgent({ name: 'one', model: new LocalGemini(url), tools: made }), greeting });
  },
};

it.each(Object.entries(handlers))(
  '%s is silent at once while a tool runs, is told what was heard, and tells its tokens',
  async (_, handler) => {
    await using server = await createLiveServer({ rules, thinkMs: 50 });
    await using lab = await createLab({ handler: handler(server.url), clock: 'system' });
    const call = await lab.phone('+15550001').call();
    await call.hears('one two');
    const [session] = server.sessions;
    const ask = { toolCall: { functionCalls: [{ id: 'one', name: 'look_up', args: {} }] } };
    session?.sendRaw(JSON.stringify(ask));
    await call.hears('three');
    await call.says('stop');
    await call.hears('Stopped');
    session?.sendRaw(JSON.stringify({ toolCallCancellation: { ids: ['one'] } }));
    await lab.pass(500);
    await call.says('keep it');
    await call.hears('Noted');
    call.hangUp();
    const { turns, tools: runs, usage } = (await lab.handled()) as AgentResult;
    const [turn] = turns;
    const [lookUp] = runs;
    expect(turn).toMatchObject({ interrupted: true });
    expect(lookUp).toMatchObject({ name: 'look_up', outcome: 'cancelled' });
    expect(lookUp?.startMs).toBeLessThan(turn?.endMs ?? 0);
    expect(call.heard('high')).not.toContain('ten');
    const [answer] = session?.toolAnswers ?? [];
    const note = expect.stringContaining(`"${turn?.heardText}"`) as string;
    expect(answer).toMatchObject({ name: 'note', response: { note } });
    expect(usage.outputTokens).toBeGreaterThan(0);
    expect(usage.totalTokens).toBe(usage.inputTokens + usage.outputTokens);
  },
);
