import { encodeWav } from '@agentao/audio';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AudioChunk } from './active-call.ts';
import { BufferClosedError, BufferFullError } from './errors.ts';
import { createBench } from './testing/bench.ts';

const second = new Int16Array(24_000).fill(7);

describe('sendAudio', () => {
  it('takes bytes, samples and chunks', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const chunk: AudioChunk = { samples: Int16Array.of(5), positionSamples: 0, party: 'mix', sampleRateHz: 24_000 };
    await call.sendAudio(Uint8Array.of(0, 1, 2, 0, 3, 0).subarray(0, 4));
    await call.sendAudio(Buffer.from([9, 4, 0]).subarray(1));
    await call.sendAudio(chunk);
    await bench.until(call.waitForPlayout());
    expect(peer.playout.heard).toEqual([256, 2, 4, 5]);
  });

  it('refuses a chunk of another rate', async () => {
    const { call } = await createBench().call();
    const chunk: AudioChunk = { samples: Int16Array.of(5), positionSamples: 0, party: 'mix', sampleRateHz: 8000 };
    await expect(call.sendAudio(chunk)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('reports full and closed', async () => {
    const bench = createBench({ bufferSize: 1000 });
    const { call, peer } = await bench.call();
    await expect(call.sendAudio(second)).rejects.toBeInstanceOf(BufferFullError);
    peer.terminate('hangup', 'caller');
    await bench.until(call.ended);
    await expect(call.sendAudio(second)).rejects.toBeInstanceOf(BufferClosedError);
  });

  it('counts what was handed in and what was heard, neither ever falling', async () => {
    const bench = createBench();
    const { call } = await bench.call();
    await call.sendAudio(second);
    expect(call.queuedSamples).toBe(24_000);
    expect(call.playedSamples).toBe(0);
    await bench.pass(500);
    const midway = call.playedSamples;
    expect(midway).toBeGreaterThan(9000);
    expect(midway).toBeLessThanOrEqual(12_000);
    await bench.until(call.clearSendAudioBuffer());
    expect(call.playedSamples).toBe(24_000);
    expect(call.queuedSamples).toBe(24_000);
  });
});

describe('clearSendAudioBuffer', () => {
  it('tells what was heard and what nobody will hear, and stops at once', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    await call.sendAudio(second);
    await bench.pass(400);
    const result = await bench.until(call.clearSendAudioBuffer());
    expect(result).toEqual({ playedSamples: 9600, clearedSamples: 14_400 });
    await bench.pass(1000);
    expect(peer.playout.heard).toHaveLength(9600);
  });

  it('lets new audio go at once, without waiting for the answer', async () => {
    const bench = createBench({ latencyMs: 100 });
    const { call, peer } = await bench.call();
    await call.sendAudio(second);
    await bench.pass(300);
    void call.clearSendAudioBuffer();
    await call.sendAudio(new Int16Array(2400).fill(9));
    await bench.pass(120);
    expect(peer.playout.heard.at(-1)).toBe(9);
    expect(peer.playout.breaches).toEqual([]);
  });

  it('never lets audio from before it be heard after it, at whatever moments it comes', async () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 700 }),
      clear: fc.boolean(),
      samples: fc.integer({ min: 1, max: 9000 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 0, max: 150 }),
        async (steps, latencyMs) => {
          const bench = createBench({ latencyMs });
          const { call, peer } = await bench.call();
          const clears: Promise<unknown>[] = [];
          /** By epoch: where its audio begins. Every sample says its epoch. */
          const begins = [0];
          for (const { waitMs, clear, samples } of steps) {
            await bench.pass(waitMs);
            if (clear) {
              clears.push(call.clearSendAudioBuffer());
              begins.push(call.queuedSamples);
            }
            await call.sendAudio(new Int16Array(samples).fill(begins.length - 1));
          }
          const results = (await bench.until(Promise.all(clears))) as {
            playedSamples: number;
            clearedSamples: number;
          }[];
          expect(await bench.until(call.waitForPlayout())).toBe('played');
          const { heard, heardAt, breaches } = peer.playout;
          expect(breaches).toEqual([]);
          const outOfPlace = heardAt.filter((position, index) => {
            const epoch = heard[index] ?? 0;
            const goesOn = heard[index - 1] === epoch;
            if (!goesOn && epoch < (heard[index - 1] ?? 0)) return true;
            return position !== (goesOn ? (heardAt[index - 1] ?? 0) + 1 : begins[epoch]);
          });
          expect(outOfPlace).toEqual([]);
          // What was handed in was either heard or reported as cleared.
          const cleared = results.reduce((sum, { clearedSamples }) => sum + clearedSamples, 0);
          expect(heard.length + cleared).toBe(call.queuedSamples);
          for (const [epoch, { playedSamples }] of results.entries()) {
            const last = heard.lastIndexOf(epoch);
            expect(playedSamples).toBe(last === -1 ? begins[epoch] : (heardAt[last] ?? 0) + 1);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('waitForPlayout', () => {
  it('resolves when what was queued at the call has been heard, not what came later', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    await call.sendAudio(second);
    const waiting = call.waitForPlayout();
    await call.sendAudio(second);
    expect(await bench.until(waiting)).toBe('played');
    expect(peer.playout.played).toBe(24_000);
  });

  it('resolves at once with nothing queued', async () => {
    const { call } = await createBench().call();
    expect(await call.waitForPlayout()).toBe('played');
  });

  it('gives up in time, and later waits are not harmed', async () => {
    const bench = createBench();
    const { call } = await bench.call();
    await call.sendAudio(second);
    expect(await bench.until(call.waitForPlayout({ timeoutMs: 100 }))).toBe('timeout');
    expect(await bench.until(call.waitForPlayout())).toBe('played');
  });

  it('is cleared by a clear, unless all had been heard when it took effect', async () => {
    const bench = createBench({ latencyMs: 50 });
    const { call } = await bench.call();
    await call.sendAudio(second);
    const cut = call.waitForPlayout();
    await bench.pass(500);
    void call.clearSendAudioBuffer();
    expect(await bench.until(cut)).toBe('cleared');

    await call.sendAudio(new Int16Array(480));
    const heard = call.waitForPlayout();
    await bench.pass(85);
    // The switch has played it; its report is still on the way.
    void call.clearSendAudioBuffer();
    expect(await bench.until(heard)).toBe('played');
  });

  it('waits for a play that has only begun, and for one that is longer than the buffer', async () => {
    const bench = createBench({ bufferSize: 24_000 });
    const { call, peer } = await bench.call();
    void call.play(second);
    expect(await bench.until(call.waitForPlayout())).toBe('played');
    expect(peer.playout.played).toBe(24_000);
    void call.play(second);
    expect(await bench.until(call.waitForPlayout({ timeoutMs: 100 }))).toBe('timeout');
    expect(await bench.until(call.waitForPlayout({ timeoutMs: 10_000 }))).toBe('played');
    expect(peer.playout.played).toBe(48_000);
    void call.play(second);
    const cut = call.waitForPlayout();
    await bench.pass(100);
    void call.clearSendAudioBuffer();
    expect(await bench.until(cut)).toBe('cleared');
  });

  it('ends with the call', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    await call.sendAudio(second);
    const waiting = call.waitForPlayout();
    peer.terminate('hangup', 'caller');
    expect(await bench.until(waiting)).toBe('ended');
    expect(await call.waitForPlayout()).toBe('ended');
  });

  it('serves more waits than marks are sent for', async () => {
    const bench = createBench();
    const { call } = await bench.call();
    const waits: Promise<unknown>[] = [];
    for (let piece = 0; piece < 600; piece++) {
      await call.sendAudio(new Int16Array(10));
      waits.push(call.waitForPlayout());
    }
    expect(new Set(await bench.until(Promise.all(waits)))).toEqual(new Set(['played']));
  });
});

describe('play', () => {
  it('plays more than the ring holds, to the end', async () => {
    const bench = createBench({ bufferSize: 9600 });
    const { call, peer } = await bench.call();
    const ramp = Int16Array.from({ length: 50_000 }, (_, index) => index % 30_000);
    expect(await bench.until(call.play(ramp))).toBe('played');
    expect(Int16Array.from(peer.playout.heard)).toEqual(ramp);
    expect(peer.playout.breaches).toEqual([]);
  });

  it('plays a WAV of another rate at its own pace', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const wav = encodeWav(new Int16Array(8000).fill(1000), { sampleRateHz: 8000 });
    expect(await bench.until(call.play(wav))).toBe('played');
    expect(peer.playout.heard.length).toBeGreaterThanOrEqual(24_000);
    expect(peer.playout.heard.length).toBeLessThan(24_200);
  });

  it('plays what it was given, whatever becomes of that afterwards', async () => {
    const bench = createBench({ bufferSize: 4_800 });
    const { call, peer } = await bench.call();
    const tone = new Int16Array(24_000).fill(7);
    const bytes = new Uint8Array(48_000).fill(7);
    const played = [call.play(tone), call.play(bytes)];
    await bench.pass(20);
    tone.fill(9);
    bytes.fill(9);
    expect(await bench.until(Promise.all(played))).toEqual(['played', 'played']);
    expect([...new Set(peer.playout.heard)]).toEqual([7, 0x0707]);
  });

  it('tells the truth about a clear, at whatever moment that comes', async () => {
    for (let turns = 0; turns < 40; turns++) {
      const bench = createBench();
      const { call, peer } = await bench.call();
      await bench.until(call.answer());
      const outcome = call.play(second.subarray(0, 9_600));
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      void call.clearSendAudioBuffer();
      expect([turns, await bench.until(outcome), peer.playout.heard]).toEqual([turns, 'cleared', []]);
    }
  });

  it('takes 256 playbacks at once that wait for their turn, and 4,096 waits, which share their marks', async () => {
    const bench = createBench({ bufferSize: 4_800 });
    const { call, peer } = await bench.call();
    const tooMany = { code: 'RATE_LIMITED', callId: call.callId };
    const played = Array.from({ length: 256 }, () => call.play(second.subarray(0, 4_800)));
    await expect(call.play(second)).rejects.toMatchObject(tooMany);
    void call.clearSendAudioBuffer();
    expect(new Set(await bench.until(Promise.all(played)))).toEqual(new Set(['cleared']));
    await call.sendAudio(second.subarray(0, 2_400));
    const waits = Array.from({ length: 4_096 }, () => call.waitForPlayout());
    await expect(call.waitForPlayout()).rejects.toMatchObject(tooMany);
    expect(new Set(await bench.until(Promise.all(waits)))).toEqual(new Set(['played']));
    expect(peer.received.filter((type) => type === 'mark')).toHaveLength(1);
  });

  it('plays what a source yields', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    async function* source(): AsyncGenerator<Int16Array | Uint8Array> {
      yield Int16Array.of(1, 2);
      yield Uint8Array.of(3, 0);
    }
    expect(await bench.until(call.play(source()))).toBe('played');
    expect(peer.playout.heard).toEqual([1, 2, 3]);
  });

  it('plays one after another', async () => {
    const bench = createBench({ bufferSize: 4800 });
    const { call, peer } = await bench.call();
    const first = call.play(new Int16Array(5000).fill(1));
    const other = call.play(new Int16Array(5000).fill(2));
    expect(await bench.until(Promise.all([first, other]))).toEqual(['played', 'played']);
    const values = peer.playout.heard;
    expect(values.lastIndexOf(1)).toBeLessThan(values.indexOf(2));
  });

  it('is cut off by a clear, with those that wait their turn', async () => {
    const bench = createBench({ bufferSize: 48_000 });
    const { call, peer } = await bench.call();
    const first = call.play(new Int16Array(240_000).fill(1));
    const other = call.play(second);
    await bench.pass(1000);
    void call.clearSendAudioBuffer();
    expect(await bench.until(Promise.all([first, other]))).toEqual(['cleared', 'cleared']);
    expect(await bench.until(call.play(new Int16Array(10).fill(3)))).toBe('played');
    expect(new Set(peer.playout.heard)).toEqual(new Set([1, 3]));
  });

  it('is stopped by its signal, and the next goes on', async () => {
    const bench = createBench({ bufferSize: 48_000 });
    const { call, peer } = await bench.call();
    const abort = new AbortController();
    const first = call.play(new Int16Array(240_000).fill(1), { signal: abort.signal });
    const other = call.play(new Int16Array(480).fill(2));
    await bench.pass(1000);
    abort.abort();
    expect(await bench.until(first)).toBe('cleared');
    expect(await bench.until(other)).toBe('played');
    expect(peer.playout.heard.filter((value) => value === 1)).toHaveLength(24_000);
    expect(await call.play(second, { signal: abort.signal })).toBe('cleared');
  });

  it('lets go of a source that is cut off', async () => {
    const bench = createBench();
    const { call } = await bench.call();
    let released = false;
    const source: AsyncIterable<Int16Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: () => {
          released = true;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    const playing = call.play(source);
    await bench.pass();
    void call.clearSendAudioBuffer();
    expect(await bench.until(playing)).toBe('cleared');
    expect(released).toBe(true);
  });

  it('rejects with what its source throws, and for what is not audio', async () => {
    const bench = createBench();
    const { call } = await bench.call();
    async function* failing(): AsyncGenerator<Int16Array> {
      yield Int16Array.of(1);
      throw new Error('source broke');
    }
    await expect(bench.until(call.play(failing()))).rejects.toThrow('source broke');
    await expect(call.play(new Uint8Array(3))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(call.play(Buffer.from('RIFF....WAVEgarbage'))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await bench.until(call.play(second))).toBe('played');
  });

  it('ends with the call', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const playing = call.play(new Int16Array(2_400_000));
    await bench.pass(100);
    peer.terminate('hangup', 'caller');
    expect(await bench.until(playing)).toBe('ended');
    expect(await call.play(second)).toBe('ended');
  });
});
