import { tone } from '@agentao/audio';
import type { ActiveCall, CallMode } from '@agentao/calls';
import { sleep } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import { openVirtualLine, type VirtualLine } from './virtual-line.ts';

const callerHz = 440;
const calleeHz = 1_000;
const agentHz = 600;
const modes: readonly CallMode[] = ['barge', 'whisper', 'spy'];

describe('a whole call with the real client, the real switch and two phones', () => {
  it('is answered, heard, connected, left and ended, with one terminal event on each side', async () => {
    await using line = await openVirtualLine({ callee: { answerAfterMs: 3_000 } });
    const { caller, callee, clock, settled } = line;
    const call = await line.ring();
    const seen: string[] = [];
    call.events$.subscribe((event) => seen.push(event.type));
    expect(call.state).toBe('PENDING');
    await settled(call.answer());
    caller.say(speech(callerHz, 1_000));
    const [first] = await settled(take(call, 1));
    expect(first?.party).toBe('mix');
    await settled(call.connect({ ringTimeSeconds: 10 }));
    expect(call.mode).toBe('barge');
    callee.say(speech(calleeHz, 1_000));
    await clock.advance(1_500);
    expect(levelAt(line, 'caller', calleeHz)).toBeGreaterThan(-25);
    await settled(call.close());
    expect(await call.ended).toEqual({ reason: 'left', by: 'agent' });
    caller.say(speech(callerHz, 1_000));
    await clock.advance(1_500);
    expect(levelAt(line, 'callee', callerHz)).toBeGreaterThan(-25);
    caller.hangUp();
    const ended = await settled(callee.until('ended'));
    expect(ended).toMatchObject({ reason: 'hangup', by: 'caller' });
    expect(seen).toEqual(['call.answered', 'call.connected', 'call.terminated']);
    expect(line.callSwitch.calls).toEqual([]);
    expect(line.network.connections().length).toBe(1);
  });

  for (const mode of modes) {
    it(`lets each ear hear in ${mode} what the matrix allows and nothing else`, async () => {
      await using line = await openVirtualLine({ callee: { answerAfterMs: 1_000 } });
      const { caller, callee, clock, settled } = line;
      const call = await line.ring();
      await settled(call.answer());
      await settled(call.connect({ mode }));
      const fromMs = { caller: caller.heardMs, callee: callee.heardMs };
      const heardByAgent = collect(call);
      caller.say(speech(callerHz, 2_000));
      callee.say(speech(calleeHz, 2_000));
      await settled(call.play(speech(agentHz, 2_000)));
      await clock.advance(200);

      const level = (ear: 'caller' | 'callee', frequencyHz: number): number =>
        line[ear].levelDb({ frequencyHz, fromMs: fromMs[ear] + 500, toMs: fromMs[ear] + 1_500 });
      expect(level('caller', calleeHz)).toBeGreaterThan(-25);
      expect(level('callee', callerHz)).toBeGreaterThan(-25);
      const agentAtCaller = level('caller', agentHz);
      const agentAtCallee = level('callee', agentHz);
      if (mode === 'barge') expect(agentAtCaller).toBeGreaterThan(-25);
      else expect(agentAtCaller).toBeLessThan(-85);
      if (mode === 'spy') expect(agentAtCallee).toBeLessThan(-85);
      else expect(agentAtCallee).toBeGreaterThan(-25);
      expect(level('caller', callerHz)).toBeLessThan(-85);
      expect(level('callee', calleeHz)).toBeLessThan(-85);
      expect(heardByAgent.length).toBeGreaterThan(50);
      await settled(call.disconnect());
      expect(await settled(callee.until('ended'))).toMatchObject({ reason: 'disconnected', by: 'agent' });
    });
  }

  it('is silent at the ear from the first tick after a clear, at any latency', async () => {
    for (const latencyMs of [0, 40, 150]) {
      await using line = await openVirtualLine({ latencyMs });
      const { caller, clock, settled } = line;
      const call = await line.ring();
      await settled(call.answer());
      // A frequency that hardly ever crosses zero on a sample, so that nearly every sample heard is one that counts.
      void call.play(speech(601, 20_000));
      await clock.advance(2_345);
      const { playedSamples, clearedSamples } = await settled(call.clearSendAudioBuffer());
      const heard = caller.heard();
      let voiced = 0;
      for (const sample of heard) if (sample !== 0) voiced++;
      await clock.advance(1_000);
      let later = 0;
      for (const sample of caller.heard()) if (sample !== 0) later++;
      expect(later).toBe(voiced);
      expect(playedSamples + clearedSamples).toBe(call.queuedSamples);
      expect(playedSamples - voiced).toBeLessThan(playedSamples / 50);
      expect(playedSamples).toBeGreaterThanOrEqual(voiced);
    }
  });

  it('never lets the caller overhear a whisper that is still being played when the agent asks to barge in after it', async () => {
    await using line = await openVirtualLine({ callee: { answerAfterMs: 500 }, latencyMs: 20 });
    const { caller, callee, clock, settled } = line;
    const call = await line.ring();
    await settled(call.connect({ mode: 'whisper' }));
    const whisper = call.play(speech(agentHz, 3_000));
    await settled(call.barge({ afterPlayout: true }));
    expect(call.mode).toBe('barge');
    expect(await settled(whisper)).toBe('played');
    expect(callee.levelDb({ frequencyHz: agentHz, fromMs: callee.heardMs - 2_000 })).toBeGreaterThan(-30);
    expect(caller.heard({ fromMs: 600 }).every((sample) => sample === 0)).toBe(true);
    await settled(call.play(speech(agentHz, 500)));
    await clock.advance(100);
    expect(caller.levelDb({ frequencyHz: agentHz, fromMs: caller.heardMs - 500 })).toBeGreaterThan(-30);
  });

  it('never lets the caller overhear a stream when whisper after playout has superseded barge after playout', async () => {
    await using line = await openVirtualLine({ callee: { answerAfterMs: 500 }, latencyMs: 20 });
    const { caller, callee, clock, settled } = line;
    const call = await line.ring();
    await settled(call.connect({ mode: 'whisper' }));
    void call.play(speech(agentHz, 1_000));
    const barge = expect(call.barge({ afterPlayout: true })).rejects.toMatchObject({ code: 'INVALID_STATE' });
    await clock.advance(200);
    // A source that is delivered as it is spoken is not queued whole before its end.
    async function* stream(): AsyncGenerator<Int16Array> {
      for (let piece = 0; piece < 20; piece++) {
        yield speech(agentHz, 100);
        await sleep(clock, 100);
      }
    }
    void call.play(stream());
    await settled(call.whisper({ afterPlayout: true }));
    await barge;
    expect(call.mode).toBe('whisper');
    expect(callee.levelDb({ frequencyHz: agentHz, fromMs: callee.heardMs - 2_500 })).toBeGreaterThan(-25);
    expect(caller.heard({ fromMs: 600 }).every((sample) => sample === 0)).toBe(true);
  });

  it('carries a ten-minute conversation in seconds, the same way every time', async () => {
    const run = async (): Promise<string> => {
      await using line = await openVirtualLine({ callee: { answerAfterMs: 1_000 }, latencyMs: 15 });
      const { caller, callee, clock, settled } = line;
      const call = await line.ring();
      await settled(call.answer());
      await settled(call.connect());
      for (let minute = 0; minute < 10; minute++) {
        caller.say(speech(callerHz, 500));
        callee.say(speech(calleeHz, 500));
        void call.sendAudio(speech(agentHz, 500));
        await clock.advance(60_000);
      }
      await settled(call.disconnect());
      return `${fingerprint(caller.heard())} ${fingerprint(callee.heard())} ${line.timeline.length}`;
    };
    expect(await run()).toBe(await run());
  });
});

function speech(frequencyHz: number, durationMs: number): Int16Array {
  return tone({ frequencyHz, durationMs, sampleRateHz: 24_000, levelDb: -20 });
}

function levelAt(line: VirtualLine, ear: 'caller' | 'callee', frequencyHz: number): number {
  const { heardMs } = line[ear];
  return line[ear].levelDb({ frequencyHz, fromMs: heardMs - 1_300, toMs: heardMs - 600 });
}

function collect(call: ActiveCall): Int16Array[] {
  const chunks: Int16Array[] = [];
  call.audio$().subscribe(({ samples }) => chunks.push(samples));
  return chunks;
}

async function take(call: ActiveCall, count: number): Promise<{ readonly party: string }[]> {
  const chunks = [];
  for await (const chunk of call.audioStream()) {
    chunks.push(chunk);
    if (chunks.length === count) break;
  }
  return chunks;
}

function fingerprint(samples: Int16Array): string {
  let hash = 0;
  for (const sample of samples) hash = (Math.imul(hash, 31) + sample) | 0;
  return `${samples.length}:${hash}`;
}
