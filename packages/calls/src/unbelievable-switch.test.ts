import { closeCodes, decodeControlClient, limits, subprotocols } from '@agentao/protocol';
import type { Socket } from '@agentao/transport';
import { describe, expect, it } from 'vitest';
import { OutgoingAudio } from './outgoing-audio.ts';
import { createBench } from './testing/bench.ts';
import { AgenTaoClient } from './client.ts';
import { AgenTaoClientConfig } from './config.ts';

describe('a switch that says what cannot be', () => {
  it('and reports more heard than was said is believed up to what was said', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    await call.sendAudio(new Int16Array(480));
    peer.send({ type: 'playout', generation: 0, played: 4_294_967_295, audible: true, atMs: 1 });
    await bench.pass();
    expect(call.playedSamples).toBe(480);
    await call.sendAudio(new Int16Array(480));
    expect(await bench.until(call.waitForPlayout({ timeoutMs: 1 }))).toBe('timeout');
  });

  it('and has heard more than was said when the connection is there again is believed up to what was said', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onResume = () => ({ played: 4_294_967_295 });
    await call.sendAudio(new Int16Array(480));
    await bench.pass();
    peer.cut();
    await bench.pass(2_000);
    expect([call.playedSamples, call.queuedSamples]).toEqual([480, 480]);
    await call.sendAudio(new Int16Array(24_000));
    expect(await bench.until(call.waitForPlayout({ timeoutMs: 1 }))).toBe('timeout');
  });

  it('and sends audio beyond the last position is closed with 4424', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.hear('mix', 4_294_967_295, new Int16Array(1));
    await bench.pass();
    expect(peer.closedWith).toBe(closeCodes.BAD_AUDIO.code);
    await bench.until(call.ended);
  });

  it('and lets a track go back is closed with 4424, and nobody hears it', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const heard: number[] = [];
    call.audio$().subscribe(({ positionSamples }) => heard.push(positionSamples));
    peer.hear('mix', 480, new Int16Array(480));
    peer.hear('mix', 959, new Int16Array(480));
    await bench.pass();
    expect(peer.closedWith).toBe(closeCodes.BAD_AUDIO.code);
    expect(heard).toEqual([480]);
    await bench.until(call.ended);
  });

  it('and may be come back to for weeks is waited for as long as a person waits', async () => {
    const { clock, network, client, serveMedia } = await offered({ state: 'PENDING', resumeWithinMs: 4_294_967_295 });
    const sinceMs = clock.now();
    serveMedia.socket?.terminate();
    serveMedia.refuses = true;
    const call = client.getCall('c');
    expect(call).toBeDefined();
    expect(await clock.runUntil(call?.ended ?? Promise.reject(new Error('no call')), { maxMs: 60_000 })).toEqual({
      reason: 'media_lost',
      by: 'switch',
    });
    expect(clock.now() - sinceMs).toBe(limits.resumeWindowMs);
    await client.disconnect();
    expect(network.connections().filter(({ url }) => url.endsWith('/media'))).toEqual([]);
  });

  it('and attaches to a call that has ended is closed with 4400, and nothing is left of the call', async () => {
    const { clock, client, serveMedia } = await offered({ state: 'DISCONNECTED', resumeWithinMs: 10_000 });
    expect(serveMedia.closedWith).toBe(closeCodes.BAD_MESSAGE.code);
    expect(client.getCall('c')).toBeUndefined();
    await client.disconnect();
    await clock.advance(2_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('and grants credit for hours does not have hours of audio kept to be sent once more', async () => {
    const upTo = 4_294_967_295;
    const of = {
      bufferBytes: 96_000,
      generation: 0,
      upTo,
      windowSamples: upTo,
      sendFrame: () => undefined,
      isBehind: () => false,
    };
    const out = new OutgoingAudio(of);
    for (let second = 0; second < 30; second++) await out.send(new Int16Array(24_000));
    await Promise.resolve();
    out.pause();
    expect(() => out.resume({ generation: 0, received: 0, upTo })).toThrow('resumed: received 0');
    out.resume({ generation: 0, received: 29 * 24_000, upTo });
  });
});

interface Media {
  socket: Socket | undefined;
  closedWith: number | undefined;
  refuses: boolean;
}

/** A client that has been offered a call, and was answered so when it attached. */
async function offered({ state, resumeWithinMs }: { readonly state: string; readonly resumeWithinMs: number }) {
  const { clock, network } = createBench();
  const host = '127.0.0.1:1';
  const serveMedia: Media = { socket: undefined, closedWith: undefined, refuses: false };
  const open = (path: string, socket: Socket): void => {
    const say = (message: object): void => socket.send(JSON.stringify(message));
    if (path === '/media') serveMedia.socket = socket;
    socket.start({
      text: (text) => {
        if (path === '/media') {
          const rest = { mode: null, atMs: 0, generation: 0, upTo: 0, windowSamples: 1, resumeToken: 'r' };
          if (text.includes('attach')) say({ type: 'attached', state, ...rest, resumeWithinMs });
          return;
        }
        const { type } = decodeControlClient(text);
        if (type === 'hello') say({ type: 'welcome', sessionId: 's', connectorUuid: 'c', heartbeatMs: 60_000 });
        if (type !== 'ready') return;
        const numbers = { callerNumber: '', calleeNumber: '1', direction: 'MT' };
        const media = { mediaUrl: '/media', mediaToken: 't', acceptWithinMs: 2_000 };
        say({ type: 'offer', offerId: 'o', callId: 'c', ...numbers, ...media });
      },
      binary: () => undefined,
      closed: ({ code }) => {
        if (path === '/media') serveMedia.closedWith = code;
      },
    });
  };
  network.listen({
    host,
    onUpgrade: ({ path }) => {
      if (serveMedia.refuses) return { accept: false, status: 503, code: 'SHUTTING_DOWN', message: 'no more' };
      const subprotocol = path === '/media' ? subprotocols.media : subprotocols.control;
      return { accept: true, subprotocol, maxMessageBytes: 131_072, open: (socket) => open(path, socket) };
    },
  });
  const config = AgenTaoClientConfig.sandbox({ apiKey: 'ak_test', connectorUuid: 'c', baseUrl: `ws://${host}` });
  const client = new AgenTaoClient(config, { clock, transport: network.connect, random: () => 0.5 });
  client.on('call.incoming', (call) => call.ended.then(() => undefined));
  await clock.runUntil(client.connect(), { maxMs: 1_000 });
  await clock.advance(0);
  return { clock, network, client, serveMedia };
}
