import { createVirtualClock } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import { guardLeg } from './guarded-leg.ts';
import type { Leg, LegEvents } from './leg.ts';

function createBench(broken = false) {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const asked: string[] = [];
  const told: string[] = [];
  let tell: LegEvents | undefined;
  const leg: Leg = {
    number: '+15550001',
    sampleRateHz: 24_000,
    outputDelayMs: 30,
    start: (events) => {
      tell = events;
    },
    answer: () => {
      asked.push('answer');
      if (broken) throw new Error('broken');
    },
    hangUp: (reason, by) => void asked.push(`hangUp ${reason} ${by}`),
    play: () => void asked.push('play'),
    skip: (samples) => void asked.push(`skip ${samples}`),
    sendDtmf: (digits) => void asked.push(`dtmf ${digits}`),
  };
  const guarded = guardLeg(leg, clock);
  guarded.start({
    answered: () => void told.push('answered'),
    answerFailed: (message) => void told.push(message),
    ended: (end) => void told.push(end),
    audio: (_, position) => void told.push(`audio ${position}`),
    dtmf: (digit) => void told.push(digit),
  });
  if (tell === undefined) throw new Error('the leg was not started');
  return { clock, guarded, asked, told, tell };
}

describe('guarded leg', () => {
  it('passes everything on, both ways', () => {
    const { guarded, asked, told, tell } = createBench();
    guarded.answer();
    guarded.play(new Int16Array(480));
    guarded.skip?.(960);
    guarded.sendDtmf('1');
    guarded.hangUp('hangup', 'caller');
    tell.answered();
    tell.answerFailed('no');
    tell.audio(new Int16Array(1), 7);
    tell.dtmf('2', 100);
    tell.ended('hangup');
    expect(asked).toEqual(['answer', 'play', 'skip 960', 'dtmf 1', 'hangUp hangup caller']);
    expect(told).toEqual(['answered', 'no', 'audio 7', '2', 'hangup']);
    expect(guarded.outputDelayMs).toBe(30);
  });

  it('lets nothing through after the end', () => {
    const { guarded, asked, told, tell } = createBench();
    tell.ended('rejected');
    tell.ended('failed');
    tell.answered();
    tell.audio(new Int16Array(1), 0);
    guarded.play(new Int16Array(480));
    guarded.hangUp('hangup', 'caller');
    expect(told).toEqual(['rejected']);
    expect(asked).toEqual([]);
  });

  it('turns a throw into the end of the leg, a moment later', async () => {
    const { clock, guarded, told } = createBench(true);
    guarded.answer();
    guarded.answer();
    expect(told).toEqual([]);
    await clock.advance(0);
    expect(told).toEqual(['failed']);
  });
});
