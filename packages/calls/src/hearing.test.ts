import { describe, expect, it } from 'vitest';
import type { AudioChunk } from './active-call.ts';
import { createBench } from './testing/bench.ts';
import type { ScriptedCall } from './testing/scripted-call.ts';

/** `count` frames of 20 ms, each filled with its index. */
function hear(peer: ScriptedCall, count: number, from = 0): void {
  for (let frame = from; frame < from + count; frame++) peer.hear('mix', frame * 480, new Int16Array(480).fill(frame));
}

async function collect(stream: AsyncIterable<AudioChunk>): Promise<AudioChunk[]> {
  const chunks: AudioChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

describe('audioStream', () => {
  it('yields chunks with position, party and rate until the call ends', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const reading = collect(call.audioStream());
    hear(peer, 3);
    await bench.pass();
    peer.terminate('hangup', 'caller');
    const chunks = await bench.until(reading);
    expect(chunks.map(({ positionSamples }) => positionSamples)).toEqual([0, 480, 960]);
    expect(chunks[1]).toMatchObject({ party: 'mix', sampleRateHz: 24_000, samples: new Int16Array(480).fill(1) });
    expect(await collect(call.audioStream())).toEqual([]);
  });

  it('gives each reader audio of its own', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const stream = call.audioStream();
    const readers = [collect(stream), collect(stream), collect(call.audioStream())];
    await bench.pass();
    hear(peer, 2);
    await bench.pass();
    peer.terminate('hangup', 'caller');
    const [one, two, three] = await bench.until(Promise.all(readers));
    one?.[0]?.samples.fill(-1);
    expect(two?.[0]?.samples).toEqual(new Int16Array(480));
    expect(three).toEqual(two);
  });

  it('hands over what is queued after the end', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const reader = call.audioStream()[Symbol.asyncIterator]();
    hear(peer, 5);
    await bench.pass();
    await bench.until(call.close());
    const values: number[] = [];
    for (let next = await reader.next(); next.done !== true; next = await reader.next()) {
      values.push(next.value.positionSamples);
    }
    expect(values).toEqual([0, 480, 960, 1440, 1920]);
  });

  it('loses the oldest of a reader that lags ten seconds behind, and reports all of it', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const lost: number[] = [];
    call.on('call.audio_overflow', ({ party, droppedSamples }) => {
      expect(party).toBe('mix');
      lost.push(droppedSamples);
    });
    const slow = call.audioStream()[Symbol.asyncIterator]();
    const fast: number[] = [];
    call.audio$().subscribe(({ positionSamples }) => fast.push(positionSamples));
    hear(peer, 500);
    await bench.pass();
    expect(lost).toEqual([]);
    hear(peer, 75, 500);
    await bench.pass();
    const first = await slow.next();
    expect(first.value?.positionSamples).toBe(75 * 480);
    expect(lost[0]).toBe(480);
    expect(lost).toHaveLength(3);
    expect(lost.reduce((sum, samples) => sum + samples, 0)).toBe(75 * 480);
    expect(fast).toHaveLength(575);
  });

  it('ends with its signal, or when the reader leaves the loop', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const abort = new AbortController();
    const reading = collect(call.audioStream({ signal: abort.signal }));
    const left = (async () => {
      for await (const chunk of call.audioStream()) return chunk.positionSamples;
      return undefined;
    })();
    hear(peer, 1);
    expect(await bench.until(left)).toBe(0);
    abort.abort();
    expect((await bench.until(reading)).length).toBeLessThanOrEqual(1);
    expect(await collect(call.audioStream({ signal: abort.signal }))).toEqual([]);
  });

  it('answers reads that were made ahead', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const reader = call.audioStream()[Symbol.asyncIterator]();
    const reads = [reader.next(), reader.next(), reader.next()];
    hear(peer, 2);
    await bench.pass();
    peer.terminate('hangup', 'caller');
    const results = await bench.until(Promise.all(reads));
    expect(results.map(({ done }) => done)).toEqual([false, false, true]);
  });
});

describe('party tracks', () => {
  it('are asked for while somebody listens, the mix always among them', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const callerOne = call.audio$({ party: 'caller' }).subscribe();
    const callerTwo = call.audio$({ party: 'caller' }).subscribe();
    const callee = call.audioStream({ party: 'callee' })[Symbol.asyncIterator]();
    await bench.pass();
    callerOne.unsubscribe();
    callerTwo.unsubscribe();
    await callee.return?.();
    await bench.pass();
    expect(peer.sent('tracks').map(({ tracks }) => tracks)).toEqual([
      ['mix', 'caller'],
      ['mix', 'caller', 'callee'],
      ['mix', 'callee'],
      ['mix'],
    ]);
  });

  it('are kept apart', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const heard: string[] = [];
    for (const party of ['mix', 'caller', 'callee'] as const) {
      call.audio$({ party }).subscribe((chunk) => heard.push(`${party} ${chunk.party} ${chunk.samples[0]}`));
    }
    peer.hear('callee', 0, Int16Array.of(3));
    peer.hear('mix', 0, Int16Array.of(1));
    peer.hear('caller', 0, Int16Array.of(2));
    await bench.pass();
    expect(heard).toEqual(['callee callee 3', 'mix mix 1', 'caller caller 2']);
  });

  it('that the switch refuses show as call.error', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onCommand = () => ({ code: 'UNKNOWN_COMMAND', message: 'no tracks here' });
    const errors: string[] = [];
    call.on('call.error', ({ errorCode }) => errors.push(errorCode));
    call.audio$({ party: 'caller' }).subscribe();
    await bench.pass();
    expect(errors).toEqual(['UNKNOWN_COMMAND']);
  });
});

describe('audio$', () => {
  it('completes with the call, and holds nothing after unsubscribing', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const seen: unknown[] = [];
    const gone = call.audio$().subscribe((chunk) => seen.push(chunk));
    call.audio$().subscribe({ complete: () => seen.push('complete') });
    gone.unsubscribe();
    hear(peer, 1);
    await bench.pass();
    peer.terminate('hangup', 'caller');
    await bench.until(call.ended);
    call.audio$().subscribe({ complete: () => seen.push('complete') });
    expect(seen).toEqual(['complete', 'complete']);
  });

  it('of a subscriber that throws is logged with the call id and changes nothing for the others', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const seen: number[] = [];
    call.audio$().subscribe(() => {
      throw new Error('slip');
    });
    call.audio$().subscribe(({ positionSamples }) => seen.push(positionSamples));
    hear(peer, 3);
    await bench.pass();
    expect(seen).toEqual([0, 480, 960]);
    expect(bench.logged('error')).toHaveLength(1);
    expect(bench.logged('error')[0]?.fields).toMatchObject({ callId: call.callId, err: new Error('slip') });
  });
});
