import { defineTool, handOff, voiceAgent, type VoiceAgentOptions } from '@agentao/agent';
import { gemini, type GeminiOptions } from '@agentao/gemini';
import { createLab, type ModelRules } from '@agentao/testing';
import { createLiveServer, type LiveServer } from '@agentao/testing/live';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { longCall, longCallRules, longCallTools } from './long-call.ts';
import { malformedMessages } from './malformed-messages.ts';

const rules: ModelRules = {
  rules: [
    { hears: 'greet', say: 'Hello caller.' },
    { hears: 'ticket (?<ticket>\\d+)', call: { name: 'repair_status', args: { ticket: '{ticket}' } } },
    { after: 'repair_status', say: 'It is {result.state}.' },
    { hears: 'long', say: 'One two three four five six seven eight nine ten eleven twelve.' },
  ],
};

const repairStatus = defineTool({
  name: 'repair_status',
  description: 'Looks up how far a repair is.',
  input: z.object({ ticket: z.string() }),
  execute: ({ ticket }) => ({ state: ticket === '42' ? 'ready' : 'unknown' }),
});

const apiKey = 'AIza-secret-of-this-test';
let server: LiveServer;
beforeEach(async () => {
  server = await createLiveServer({ rules, thinkMs: 50, apiKeys: [apiKey] });
});
afterEach(() => server.close());

function agent(options: Partial<VoiceAgentOptions> = {}, model: GeminiOptions = {}): ReturnType<typeof voiceAgent> {
  return voiceAgent({
    model: gemini({ apiKey, baseUrl: server.url, ...model }),
    greeting: 'Greet the caller.',
    tools: [repairStatus],
    ...options,
  });
}

describe('an agent on Gemini Live, with its SDK and a local server', () => {
  it('holds a call of thirteen turns with everything that can happen in one', async () => {
    await using long = await createLiveServer({ rules: longCallRules, thinkMs: 50 });
    const effects: string[] = [];
    const tools = longCallTools({ effects }).map((tool) => defineTool(tool));
    const options = { tools: [...tools, handOff({ ringTimeSeconds: 2 })] };
    await longCall(agent(options, { baseUrl: long.url }), long, { effects });
  }, 90_000);

  it('loses no word when the server goes away in the middle of a sentence, or without a word', async () => {
    await using lab = await createLab({ handler: agent(), clock: 'system' });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await call.says('long');
    await call.hears('two');
    server.sessions[0]?.goAway(2_500);
    await call.hears('three four five six seven eight nine ten eleven twelve');
    await call.says('Ticket 42');
    await call.hears('It is ready');
    server.sessions[0]?.drop();
    await call.says('Ticket 43');
    await call.hears('It is unknown');
    call.hangUp();
    expect(await lab.handled()).toMatchObject({ outcome: 'hung-up' });
    expect(server.sessions).toHaveLength(1);
    expect(server.sessions[0]?.connections).toBe(3);
  });

  it('asks for voice, language and compression, and comes with an ephemeral token in place of a key', async () => {
    await using tokens = await createLiveServer({ rules, thinkMs: 50, apiKeys: ['auth_tokens/once'] });
    const token = (): Promise<string> => Promise.resolve('auth_tokens/once');
    const model = gemini({ token, baseUrl: tokens.url, voice: 'Kore', language: 'de-DE', temperature: 0.5 });
    await using lab = await createLab({
      handler: voiceAgent({ model, greeting: 'Greet the caller.', tools: [repairStatus] }),
      clock: 'system',
    });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    call.hangUp();
    await lab.handled();
    expect(tokens.sessions[0]?.setup).toMatchObject({
      model: 'models/gemini-live-2.5-flash-preview',
      generationConfig: {
        responseModalities: ['AUDIO'],
        temperature: 0.5,
        speechConfig: { languageCode: 'de-DE', voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
      },
      contextWindowCompression: { slidingWindow: {} },
      inputAudioTranscription: {},
      outputAudioTranscription: {},
      sessionResumption: {},
      tools: [{ functionDeclarations: [{ name: 'repair_status', parametersJsonSchema: { type: 'object' } }] }],
    });
  });

  it('survives what is no JSON', async () => {
    await using lab = await createLab({ handler: agent(), clock: 'system' });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    for (const text of malformedMessages) server.sessions[0]?.sendRaw(text);
    await call.says('Ticket 42');
    await call.hears('It is ready');
    call.hangUp();
    expect(await lab.handled()).toMatchObject({ outcome: 'hung-up' });
  });

  it.each([
    ['REFUSED', { apiKey: 'AIza-wrong-secret' }],
    ['UNREACHABLE', { baseUrl: 'http://127.0.0.1:9' }],
  ] as const)('declines the call with %s when it cannot be had, and shows no key', async (code, options) => {
    const written: string[] = [];
    const write = (fields: object, message: string): void => void written.push(JSON.stringify([fields, message]));
    const logger = { debug: write, info: write, warn: write, error: write };
    await using lab = await createLab({ handler: agent({ logger }, options), clock: 'system' });
    await lab.phone('+15550001').call();
    await lab.phone(lab.number).rung();
    const result = await lab.handled();
    expect(result).toMatchObject({ outcome: 'failed', error: { code } });
    expect(JSON.stringify(result) + written.join()).not.toContain('secret');
  });

  it('gives a server up that never sets up', async () => {
    server.stallNext();
    await using lab = await createLab({ handler: agent({}, { setupTimeoutMs: 300 }), clock: 'system' });
    await lab.phone('+15550001').call();
    await lab.phone(lab.number).rung();
    expect(await lab.handled()).toMatchObject({ outcome: 'failed', error: { code: 'UNREACHABLE' } });
    await expect.poll(() => server.connections).toBe(0);
  });
});
