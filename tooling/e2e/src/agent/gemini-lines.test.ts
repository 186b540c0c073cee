import { defineTool, type Turn, voiceAgent, type VoiceAgentOptions } from '@agentao/agent';
import { gemini } from '@agentao/gemini';
import { createLab, type ModelRules } from '@agentao/testing';
import { createLiveServer, type LiveServer } from '@agentao/testing/live';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

const rules: ModelRules = {
  rules: [
    { hears: 'greet', say: 'Hello caller.' },
    { hears: 'nobody has spoken', say: 'Are you there?' },
    { hears: 'long', say: 'One two three four five six seven eight nine ten eleven twelve.' },
    { hears: 'number (?<number>.+)', say: 'I have {number}.' },
  ],
};

let server: LiveServer;
beforeEach(async () => {
  server = await createLiveServer({ rules, thinkMs: 50 });
});
afterEach(() => server.close());

const agent = (options: Partial<VoiceAgentOptions> = {}): ReturnType<typeof voiceAgent> =>
  voiceAgent({
    model: gemini({ apiKey: 'any', baseUrl: server.url }),
    greeting: 'Greet the caller.',
    ...options,
  });

describe('a conversation with Gemini Live', () => {
  it('ends the turn that the service does not go on with after a loss, so that silence is noticed', async () => {
    const turns: Turn[] = [];
    const onTurn = (turn: Turn): void => void turns.push(turn);
    await using lab = await createLab({ handler: agent({ onTurn, silenceTimeoutMs: 3_000 }), clock: 'system' });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await call.says('long');
    await call.hears('one two');
    server.sessions[0]?.drop({ forgets: true });
    await call.hears('Are you there');
    call.hangUp();
    await lab.handled();
    expect(turns[1]).toMatchObject({ interrupted: false });
    expect(turns[1]?.text).not.toContain('twelve');
    expect(turns[1]?.heardText).toBe(turns[1]?.text);
  });

  it('keeps what the caller says until there is a new one, also where the old one goes before it has to', async () => {
    await using lab = await createLab({ handler: agent(), clock: 'system' });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    const [session] = server.sessions;
    server.stallNext(3_000);
    session?.goAway(1_000);
    await lab.pass(300);
    session?.drop();
    await call.says('number one two three four five');
    await call.hears('I have one two three four five');
    expect(session?.connections).toBe(2);
    call.hangUp();
    await lab.handled();
  });

  it('goes on over the old one while a new one cannot be had, such as without a token', async () => {
    let asked = 0;
    const token = (): Promise<string> =>
      ++asked === 2 ? Promise.reject(new Error('503')) : Promise.resolve('auth_tokens/any');
    const model = gemini({ token, baseUrl: server.url });
    await using lab = await createLab({ handler: agent({ model }), clock: 'system' });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    server.sessions[0]?.goAway(1_500);
    await call.says('number one two three');
    await call.hears('I have one two three');
    await expect.poll(() => server.sessions[0]?.connections).toBe(2);
    await call.says('number four five six');
    await call.hears('I have four five six');
    expect(asked).toBe(3);
    call.hangUp();
    expect(await lab.handled()).toMatchObject({ outcome: 'hung-up' });
  });

  it('answers tool calls that come without an id, each of them', async () => {
    const asked: string[] = [];
    const note = defineTool({
      name: 'note',
      description: 'Keeps it.',
      input: z.object({ text: z.string() }),
      execute: ({ text }) => ({ count: asked.push(text) }),
    });
    await using lab = await createLab({ handler: agent({ tools: [note] }), clock: 'system' });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    for (const text of ['one', 'two']) {
      const functionCalls = [{ name: 'note', args: { text } }];
      server.sessions[0]?.sendRaw(JSON.stringify({ toolCall: { functionCalls } }));
    }
    await expect.poll(() => server.sessions[0]?.toolAnswers.length).toBe(2);
    expect(asked).toEqual(['one', 'two']);
    call.hangUp();
    await lab.handled();
  });
});
