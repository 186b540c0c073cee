import { describe, expect, it } from 'vitest';
import { WSSCallCommandError } from './errors.ts';
import { createBench } from './testing/bench.ts';

/** A call of which nothing is answered, with `count` notes under way. */
async function loaded(count: number) {
  const bench = createBench();
  const { call, peer } = await bench.call();
  await bench.until(call.answer());
  peer.onResume = () => ({});
  peer.onCommand = () => 'silence';
  const refused: unknown[] = [];
  for (let i = 0; i < count; i++) call.annotate('note', { i }).catch((error: unknown) => refused.push(error));
  await bench.pass(2_000);
  return { bench, call, peer, refused };
}

describe('commands that have no answer', () => {
  it('are 128 at most: more are refused at once, in an outage too', async () => {
    const { bench, call, peer, refused } = await loaded(300);
    expect(peer.sent('annotate')).toHaveLength(128);
    expect(refused).toHaveLength(172);
    expect(refused[0]).toBeInstanceOf(WSSCallCommandError);
    expect(refused[0]).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
    bench.peer.mediaRefusal = { status: 503, code: 'SHUTTING_DOWN', message: 'later' };
    peer.cut();
    await bench.pass(1_000);
    await expect(call.sendDtmf('1')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  });

  it('stand in the way of no clear, no end, and no cancelling of a connect', async () => {
    const { bench, call, peer } = await loaded(127);
    const abort = new AbortController();
    void call.connect({ signal: abort.signal });
    for (let i = 0; i < 100; i++) void call.clearSendAudioBuffer();
    abort.abort();
    await bench.pass(1_000);
    expect(peer.sent('clear')).toHaveLength(100);
    expect(peer.sent('connect.cancel')).toHaveLength(1);
    peer.onCommand = () => undefined;
    await bench.until(call.disconnect());
    expect(await call.ended).toEqual({ reason: 'disconnected', by: 'agent' });
  });

  it('stay within what a switch remembers, whatever is asked for', async () => {
    const { bench, call, peer } = await loaded(300);
    for (let i = 0; i < 200; i++) void call.clearSendAudioBuffer();
    for (let i = 0; i < 200; i++) void call.close();
    await bench.pass(2_000);
    const ids = new Set(peer.commands.slice(1).map(({ id }) => id));
    expect(ids.size).toBe(252);
  });
});

it('commands come back to back without any second of more than 500 messages, repeated ones and audio too', async () => {
  const bench = createBench();
  const { call, peer } = await bench.call();
  peer.onResume = () => ({});
  await bench.until(call.answer());
  const atMs: number[] = [];
  peer.onCommand = () => {
    atMs.push(bench.clock.now());
    return undefined;
  };
  const noting = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) {
      await call.annotate('note', { i });
      await call.sendAudio(new Int16Array(10));
    }
  };
  const all = Promise.all(Array.from({ length: 100 }, noting));
  await bench.pass(1_000);
  peer.cut();
  await bench.until(all);
  expect(atMs.length).toBeGreaterThanOrEqual(2_000);
  for (const [index, sentMs] of atMs.entries()) {
    const later = atMs[index + 500];
    if (later !== undefined) expect(later - sentMs).toBeGreaterThan(1_000);
  }
  expect(await bench.until(call.waitForPlayout())).toBe('played');
  expect(peer.playout.breaches).toEqual([]);
});
