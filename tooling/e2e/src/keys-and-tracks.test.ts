import { tone, toneLevelDb } from '@agentao/audio';
import type { ActiveCall, AudioChunk, CallMode } from '@agentao/calls';
import type { Phone } from '@agentao/switch/testing';
import { describe, expect, it } from 'vitest';
import { openVirtualLine, type VirtualLine } from './virtual-line.ts';

const sampleRateHz = 24_000;
const tones = { caller: 440, callee: 1_000, agent: 600 } as const;

/** Everybody speaks for so long, each on a frequency of their own. */
async function speak({ caller, callee, clock }: VirtualLine, call: ActiveCall, durationMs: number): Promise<void> {
  const say = (frequencyHz: number): Int16Array => tone({ frequencyHz, durationMs, sampleRateHz, levelDb: -20 });
  caller.say(say(tones.caller));
  callee.say(say(tones.callee));
  void call.sendAudio(say(tones.agent));
  await clock.advance(durationMs);
}

/** Who is heard in the middle of what came. */
function voicesIn(chunks: readonly AudioChunk[]): readonly string[] {
  const all = Int16Array.from(chunks.flatMap(({ samples }) => [...samples]));
  const middle = all.subarray(all.length / 4, (all.length * 3) / 4);
  return Object.entries(tones)
    .filter(([, frequencyHz]) => toneLevelDb(middle, { frequencyHz, sampleRateHz }) > -40)
    .map(([name]) => name);
}

const keysPlayedTo = ({ events }: Phone): string =>
  events.flatMap((event) => (event.type === 'dtmf' ? [event.digits] : [])).join();

describe('tracks on request', () => {
  it('come and go in mid-call, each with its own party alone, at positions that agree', async () => {
    await using line = await openVirtualLine({ callee: { answerAfterMs: 200 }, latencyMs: 20 });
    const { clock, settled } = line;
    const call = await line.ring();
    await settled(call.answer());
    await settled(call.connect());
    const heard = { mix: [] as AudioChunk[], caller: [] as AudioChunk[], callee: [] as AudioChunk[] };
    const listen = (party: keyof typeof heard): { unsubscribe(): void } =>
      call.audio$({ party }).subscribe((chunk) => heard[party].push(chunk));

    const mix = listen('mix');
    await speak(line, call, 1_000);
    expect(voicesIn(heard.mix)).toEqual(['caller', 'callee']);
    expect([heard.caller, heard.callee]).toEqual([[], []]);

    const caller = listen('caller');
    const callee = listen('callee');
    await clock.advance(100);
    for (const chunks of Object.values(heard)) chunks.length = 0;
    await speak(line, call, 1_000);
    expect(voicesIn(heard.mix)).toEqual(['caller', 'callee']);
    expect(voicesIn(heard.caller)).toEqual(['caller']);
    expect(voicesIn(heard.callee)).toEqual(['callee']);
    const starts = Object.values(heard).map(([chunk]) => chunk?.positionSamples);
    expect(new Set(starts).size).toBe(1);

    mix.unsubscribe();
    callee.unsubscribe();
    await clock.advance(100);
    for (const chunks of Object.values(heard)) chunks.length = 0;
    await speak(line, call, 1_000);
    expect(voicesIn(heard.caller)).toEqual(['caller']);
    expect([heard.mix, heard.callee]).toEqual([[], []]);
    caller.unsubscribe();
  });

  it('of the callee are silent before there is one', async () => {
    await using line = await openVirtualLine();
    const call = await line.ring();
    await line.settled(call.answer());
    const heard: AudioChunk[] = [];
    call.audio$({ party: 'callee' }).subscribe((chunk) => heard.push(chunk));
    await speak(line, call, 500);
    expect(heard.length).toBeGreaterThan(10);
    expect(heard.every(({ samples }) => samples.every((sample) => sample === 0))).toBe(true);
  });
});

describe('keys', () => {
  const modes: readonly (readonly [mode: CallMode, atCaller: string, atCallee: string])[] = [
    ['barge', '12', '12'],
    ['whisper', '', '12'],
    ['spy', '', ''],
  ];
  it.each(modes)('of the agent in %s reach those who hear the agent', async (mode, atCaller, atCallee) => {
    await using line = await openVirtualLine({ callee: { answerAfterMs: 200 } });
    const call = await line.ring();
    await line.settled(call.connect({ mode }));
    await line.settled(call.sendDtmf('12'));
    await line.clock.advance(50);
    expect([keysPlayedTo(line.caller), keysPlayedTo(line.callee)]).toEqual([atCaller, atCallee]);
  });

  it.each(modes)(
    'of the two people in %s reach the other one and the agent, and never their own phone',
    async (mode) => {
      await using line = await openVirtualLine({ callee: { answerAfterMs: 200 }, latencyMs: 10 });
      const { caller, callee, clock, settled } = line;
      const call = await line.ring();
      const told: unknown[] = [];
      call.on('call.dtmf', ({ digit, party, durationMs }) => told.push([party, digit, durationMs]));
      await settled(call.connect({ mode }));
      caller.press('5', { durationMs: 120 });
      await clock.advance(200);
      callee.press('#', { durationMs: 80 });
      await clock.advance(200);
      expect(told).toEqual([
        ['caller', '5', 120],
        ['callee', '#', 80],
      ]);
      expect([keysPlayedTo(caller), keysPlayedTo(callee)]).toEqual(['#', '5']);
    },
  );

  it('before the callee is there go between caller and agent, also while it rings, and before the answer nowhere', async () => {
    await using line = await openVirtualLine();
    const { caller, callee, clock, settled } = line;
    const call = await line.ring();
    const told: string[] = [];
    call.on('call.dtmf', ({ digit, party }) => told.push(`${party} ${digit}`));
    await expect(settled(call.sendDtmf('1'))).rejects.toMatchObject({ code: 'INVALID_STATE' });
    await settled(call.answer());
    caller.press('7');
    await clock.advance(300);
    await settled(call.sendDtmf('2'));
    void call.connect({ ringTimeSeconds: 5 }).catch(() => undefined);
    await clock.advance(500);
    await settled(call.sendDtmf('3'));
    caller.press('8');
    await clock.advance(300);
    expect(told).toEqual(['caller 7', 'caller 8']);
    expect([keysPlayedTo(caller), keysPlayedTo(callee)]).toEqual(['2,3', '']);
  });

  it('go on between the two people when the agent has left', async () => {
    await using line = await openVirtualLine({ callee: { answerAfterMs: 200 } });
    const { caller, callee, clock, settled } = line;
    const call = await line.ring();
    await settled(call.connect());
    await settled(call.close());
    caller.press('1');
    callee.press('2');
    await clock.advance(300);
    expect([keysPlayedTo(caller), keysPlayedTo(callee)]).toEqual(['2', '1']);
  });
});
