import { endCall, handOff } from '@agentao/agent';
import { adkAgent, type AdkAgentOptions, adkTools, currentCall } from '@agentao/adk';
import { createLiveServer, type LiveServer } from '@agentao/testing/live';
import { createLab, type ModelRules } from '@agentao/testing';
import { FunctionTool, Gemini, InMemoryRunner, LlmAgent } from '@google/adk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { longCall, longCallRules, longCallTools } from './long-call.ts';
import { malformedMessages } from './malformed-messages.ts';

const apiKey = 'AIza-secret-of-this-test';

const rules: ModelRules = {
  rules: [
    { hears: 'greet', say: 'Hello caller.' },
    { hears: 'who am i', call: { name: 'caller_number' } },
    { after: 'caller_number', say: 'You are {result.number}.' },
    { hears: 'my bill', call: { name: 'transfer_to_agent', args: { agentName: 'billing' } } },
    { hears: 'thirsty', say: 'Billing has no water.' },
    { hears: 'long', say: 'One two three four five six seven eight nine ten.' },
    { hears: 'bye', call: { name: 'end_call' } },
    { after: 'end_call', say: 'Goodbye.' },
  ],
};

let server: LiveServer;
beforeEach(async () => {
  server = await createLiveServer({ rules, thinkMs: 50, apiKeys: [apiKey] });
});
afterEach(() => server.close());

/** The model of the kit at a local server. */
class LocalGemini extends Gemini {
  readonly #url: string;

  constructor(url: string, key: string) {
    super({ model: 'gemini-live-2.5-flash-preview', apiKey: key });
    this.#url = url;
  }

  override getLiveHttpOptions(): ReturnType<Gemini['getLiveHttpOptions']> {
    return { ...super.getLiveHttpOptions(), baseUrl: this.#url };
  }
}

const callerNumber = new FunctionTool({
  name: 'caller_number',
  description: 'The number of the caller.',
  parameters: z.object({}),
  execute: (_args, context) => {
    context?.state.set('asked', true);
    return { number: currentCall()?.callerNumber.slice(-1) };
  },
});

async function workshop(url: string = server.url, key: string = apiKey): Promise<LlmAgent> {
  const billing = new LlmAgent({ name: 'billing', description: 'Knows about bills.', instruction: 'You are billing.' });
  return new LlmAgent({
    name: 'workshop',
    model: new LocalGemini(url, key),
    instruction: 'You answer the phone of a workshop. You talk to {name}.',
    tools: [callerNumber, ...(await adkTools(endCall()))],
    subAgents: [billing],
  });
}

async function agent(options: Partial<AdkAgentOptions> = {}): Promise<ReturnType<typeof adkAgent>> {
  const base = { greeting: 'Greet the caller.', state: () => ({ name: 'Ada' }), ...options };
  return adkAgent(options.runner === undefined ? { agent: await workshop(), ...base } : base);
}

describe('an agent of the ADK, with its kit and a local server', () => {
  it('holds a call of thirteen turns with everything that can happen in one', async () => {
    await using long = await createLiveServer({ rules: longCallRules, thinkMs: 50 });
    const effects: string[] = [];
    const tools = longCallTools({ effects }).map(
      ({ name, description, input, execute }) => new FunctionTool({ name, description, parameters: input, execute }),
    );
    const one = new LlmAgent({
      name: 'workshop',
      model: new LocalGemini(long.url, 'any'),
      instruction: 'You answer the phone of a workshop.',
      tools: [...tools, ...(await adkTools(handOff({ ringTimeSeconds: 2 })))],
    });
    await longCall(adkAgent({ agent: one, greeting: 'Greet the caller.' }), long, { effects });
  }, 90_000);

  it('keeps the session by the id of the call, with its state, events and sub-agents', async () => {
    const runner = new InMemoryRunner({ agent: await workshop(), appName: 'shop' });
    const seen: string[] = [];
    const handler = await agent({ runner, onEvent: ({ author = '' }) => void seen.push(author) });
    await using lab = await createLab({ handler, clock: 'system' });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await call.says('who am I');
    await call.hears('You are 1');
    await call.says('my bill please');
    await expect.poll(() => server.sessions.length, { timeout: 10_000 }).toBe(2);
    await call.says('thirsty');
    await call.hears('Billing has no water');
    call.hangUp();
    expect(await lab.handled()).toMatchObject({ outcome: 'hung-up' });
    const setups = server.sessions.map(({ setup }) => JSON.stringify(setup.systemInstruction));
    expect(setups[0]).toContain('You talk to Ada.');
    expect(setups[1]).toContain('You are billing.');
    const callId = lab.calls[0]?.callId ?? '';
    const session = await runner.sessionService.getSession({ appName: 'shop', userId: '+15550001', sessionId: callId });
    expect(session?.state).toMatchObject({ name: 'Ada', asked: true });
    expect(new Set(seen)).toEqual(new Set(['workshop', 'user', 'billing']));
    await expect.poll(() => server.connections).toBe(0);
  });

  it('comes back when the connection is lost, survives what is no JSON, and ends with the call', async () => {
    await using lab = await createLab({ handler: await agent(), clock: 'system' });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    for (const text of malformedMessages) server.sessions[0]?.sendRaw(text);
    await call.says('who am I');
    await call.hears('You are 1');
    server.sessions[0]?.drop();
    await call.says('who am I');
    await call.hears('You are 1');
    await call.says('long');
    await call.hears('two');
    call.hangUp();
    expect(await lab.handled()).toMatchObject({ outcome: 'hung-up' });
    expect(server.sessions[0]?.connections).toBe(2);
    await expect.poll(() => server.connections).toBe(0);
  });

  it('says what happened when the server is gone for good', async () => {
    await using lab = await createLab({ handler: await agent(), clock: 'system' });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await server.close();
    expect(await call.ended({ withinMs: 20_000 })).toEqual({ reason: 'disconnected', by: 'agent' });
    expect(await lab.handled()).toMatchObject({ outcome: 'failed', error: { code: 'LOST' } });
  });

  it('gives a server up that never sets up', async () => {
    server.stallNext();
    await using lab = await createLab({ handler: await agent({ setupTimeoutMs: 300 }), clock: 'system' });
    await lab.phone('+15550001').call();
    await lab.phone(lab.number).rung();
    expect(await lab.handled()).toMatchObject({
      outcome: 'failed',
      error: { code: 'UNREACHABLE', message: 'Gemini is not set up after 0.3 s.' },
    });
    await expect.poll(() => server.connections).toBe(0);
  });

  it('declines a call whose model cannot be had, and shows no key', async () => {
    const written: string[] = [];
    const write = (fields: object, message: string): void => void written.push(JSON.stringify([fields, message]));
    const logger = { debug: write, info: write, warn: write, error: write };
    const runner = new InMemoryRunner({ agent: await workshop(server.url, 'AIza-wrong-secret'), appName: 'shop' });
    await using lab = await createLab({ handler: await agent({ runner, logger }), clock: 'system' });
    await lab.phone('+15550001').call();
    await lab.phone(lab.number).rung();
    const result = await lab.handled();
    expect(result).toMatchObject({ outcome: 'failed', error: { code: 'REFUSED' } });
    expect(JSON.stringify(result) + written.join()).not.toContain('secret');
  });
});
