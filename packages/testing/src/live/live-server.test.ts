import { once } from 'node:events';
import { speech } from '@agentao/audio/speech';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { ModelRules } from '../model/rules.ts';
import { createLiveServer, type LiveServer } from './live-server.ts';

const path = '//ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';
let server: LiveServer;
beforeEach(async () => {
  server = await createLiveServer({ rules: { rules: [{ say: 'hi' }] }, apiKeys: ['right'], thinkMs: 1 });
});
afterEach(() => server.close());

async function open(query = '?key=right', at = path): Promise<WebSocket> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}${at}${query}`);
  const refused = once(socket, 'unexpected-response').then((answer) => {
    throw new Error(String((answer[1] as { readonly statusCode: number }).statusCode));
  });
  await Promise.race([once(socket, 'open'), refused]);
  refused.catch(() => {});
  return socket;
}

async function conversation(query?: string): Promise<{ readonly socket: WebSocket; readonly texts: string[] }> {
  const socket = await open(query);
  const texts: string[] = [];
  socket.on('message', (data: Buffer) => texts.push(data.toString()));
  socket.send(JSON.stringify({ setup: { model: 'models/any' } }));
  await expect.poll(() => texts.length).toBeGreaterThan(0);
  return { socket, texts };
}

const audio = { realtimeInput: { audio: { data: 'AAAA', mimeType: 'audio/pcm;rate=16000' } } };

describe('the local server', () => {
  it.each([
    ['?key=wrong', path, '401'],
    ['', path, '401'],
    ['?key=right', '/ws/other', '404'],
    ['?key=right', '/', '404'],
  ])('lets nobody in with %j at %s', async (query, at, status) => {
    await expect(open(query, at)).rejects.toThrow(status);
    expect(server.connections).toBe(0);
  });

  it.each([
    ['garbage', 'garbage'],
    ['JSON that is no object', '7'],
    ['audio before the set-up', JSON.stringify(audio)],
    ['a set-up without a model', '{"setup":{}}'],
    ['a tool answer of the wrong shape', '{"toolResponse":{"functionResponses":{}}}'],
    ['bytes', Buffer.from([0xff, 0x00, 0x80])],
  ])('closes with 1007 for %s, and no other conversation is touched', async (_, message) => {
    const other = await conversation();
    const socket = await open();
    socket.send(message);
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1007);
    other.socket.send(JSON.stringify({ realtimeInput: { text: 'hello' } }));
    await expect.poll(() => other.texts.some((text) => text.includes('turnComplete'))).toBe(true);
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('closes for a second set-up, a handle it does not know, and a message that is too long', async () => {
    const twice = await conversation();
    twice.socket.send(JSON.stringify({ setup: { model: 'models/any' } }));
    expect((await once(twice.socket, 'close'))[0]).toBe(1007);
    const strange = await open();
    strange.send(JSON.stringify({ setup: { model: 'models/any', sessionResumption: { handle: 'mine' } } }));
    expect((await once(strange, 'close'))[0]).toBe(1008);
    const { socket } = await conversation();
    socket.send('x'.repeat(9 * 1024 * 1024));
    expect((await once(socket, 'close'))[0]).toBe(1009);
    await expect.poll(() => server.connections).toBe(0);
  });

  it('takes what is odd and harmless: audio of an odd length, of no kind that it knows, answers that nobody waits for', async () => {
    const { socket, texts } = await conversation();
    socket.send(JSON.stringify(audio));
    socket.send(JSON.stringify({ realtimeInput: { mediaChunks: [{ data: 'AA==', mimeType: 'image/png' }] } }));
    socket.send(JSON.stringify({ toolResponse: { functionResponses: [{ id: 'no', name: 'no', response: {} }] } }));
    socket.send(JSON.stringify({ realtimeInput: { text: 'hello' }, unknown: 1 }));
    await expect.poll(() => texts.some((text) => text.includes('turnComplete'))).toBe(true);
    socket.close();
  });

  it('hears a word whole although the process stands still in the middle of it', async () => {
    const { socket } = await conversation();
    const samples = speech.encode('congratulations', { band: 'low', sampleRateHz: 16_000 });
    const bytes = Buffer.concat([
      Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength),
      Buffer.alloc(32_000),
    ]);
    const half = samples.length & ~1;
    const send = (part: Buffer): void => {
      const sound = { data: part.toString('base64'), mimeType: 'audio/pcm;rate=16000' };
      socket.send(JSON.stringify({ realtimeInput: { audio: sound } }));
    };
    send(bytes.subarray(0, half));
    await new Promise((resolve) => setTimeout(resolve, 50));
    // Timers come before sockets behind this.
    await new Promise((resolve) => setImmediate(resolve));
    send(bytes.subarray(half));
    const endMs = performance.now() + 700;
    while (performance.now() < endMs);
    await expect.poll(() => server.sessions[0]?.heard).toEqual(['congratulations']);
    socket.close();
  });

  it.each([
    [{ rules: [{ hear: 'hi' }] }, 'rules: rules[0].hear is unknown'],
    [{ rules: [{ say: 7 }] }, 'rules: rules[0].say: Invalid input: expected string, received number'],
    [{ rules: [], answers: [] }, 'rules: answers is unknown'],
    [{ rules: [{ say: 'Hi {name}' }] }, 'rules: rules[0].say: {name} is captured by no rule'],
    [{ rules: [], otherwise: 'Hi {name}' }, 'rules: otherwise: {name} is captured by no rule'],
    [{ rules: [{ hears: '(' }] }, 'rules: rules[0].hears is no regular expression: '],
    ['{"rules":[]}', 'rules: Invalid input: expected object, received string'],
  ])('does not start with the rules %j', async (rules, message) => {
    const starting = createLiveServer({ rules: rules as ModelRules });
    await expect(starting).rejects.toMatchObject({
      name: 'ModelRulesError',
      code: 'INVALID_RULES',
      message: expect.stringContaining(message) as string,
    });
  });

  it('tells what its rules could not know, and stops those that have no end', async () => {
    const rules = [
      { hears: 'greet', say: 'Hello {result.name}.' },
      { hears: 'look', call: { name: 'look' } },
      { after: 'look', call: { name: 'look' } },
    ];
    await server.close();
    server = await createLiveServer({ rules: { rules }, thinkMs: 1 });
    const { socket, texts } = await conversation('');
    const ids: string[] = [];
    socket.on('message', (data: Buffer) => {
      const { toolCall } = JSON.parse(data.toString()) as {
        readonly toolCall?: { readonly functionCalls: { id: string }[] };
      };
      for (const { id } of toolCall?.functionCalls ?? []) {
        ids.push(id);
        const functionResponses = [{ id, name: 'look', response: {} }];
        socket.send(JSON.stringify({ toolResponse: { functionResponses } }));
      }
    });
    socket.send(JSON.stringify({ realtimeInput: { text: 'greet' } }));
    await expect.poll(() => texts.some((text) => text.includes('turnComplete'))).toBe(true);
    socket.send(JSON.stringify({ realtimeInput: { text: 'look' } }));
    await expect.poll(() => texts.filter((text) => text.includes('turnComplete')).length, { timeout: 10_000 }).toBe(2);
    expect(ids).toHaveLength(64);
    expect(server.sessions[0]?.warnings).toEqual([
      'rules[0]: nothing is known for {result.name}',
      'tools were called 64 times without a word of the caller; no more of them are',
    ]);
    socket.close();
  });

  it('leaves nothing open when it is closed, twice', async () => {
    const { socket } = await conversation();
    const closed = once(socket, 'close');
    await server.close();
    await server.close();
    await closed;
    await expect(open()).rejects.toThrow('ECONNREFUSED');
  });
});
