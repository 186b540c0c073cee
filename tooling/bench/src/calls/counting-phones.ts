import type { Leg, LegEvents, LegHost, LegProvider } from '@agentao/switch';
import { type CountingEar, createCountingEar, fillCounting } from './counting-signal.ts';

const frameSamples = 480;

/**
 * A phone at 24 kHz that speaks the counting signal while its line is open and accounts for what it hears. It speaks one tick
 * whenever it is played one: a phone on the switch's own clock, so that its jitter buffer has nothing to correct.
 */
export interface CountingPhone {
  readonly ear: CountingEar;
  readonly spokenSamples: number;
  readonly playedTicks: number;
  hangUp(): void;
}

/** Phones that dial and count. */
export interface CountingPhones extends LegProvider {
  dial(from: string, to: string): CountingPhone;
}

/** Creates the provider. */
export function createCountingPhones(): CountingPhones {
  let host: LegHost | undefined;

  const dial = (from: string, to: string): CountingPhone => {
    const ear = createCountingEar();
    const frame = new Int16Array(frameSamples);
    let events: LegEvents | undefined;
    let spokenSamples = 0;
    let playedTicks = 0;
    let over = false;

    const speak = (): void => {
      fillCounting(frame, spokenSamples);
      events?.audio(frame, spokenSamples);
      spokenSamples += frameSamples;
    };
    const hangUp = (): void => {
      if (over) return;
      over = true;
      queueMicrotask(() => events?.ended('hangup'));
    };
    const leg: Leg = {
      number: from,
      sampleRateHz: 24_000,
      outputDelayMs: 0,
      start: (to) => {
        events = to;
      },
      answer: () => {
        queueMicrotask(() => {
          if (!over) events?.answered();
        });
      },
      hangUp,
      play: (samples) => {
        playedTicks++;
        ear.hear(samples);
        speak();
      },
      sendDtmf: () => {},
    };
    const outcome = host?.incoming({ caller: leg, calleeNumber: to });
    if (outcome === undefined || !outcome.accepted) throw new Error(`call refused: ${JSON.stringify(outcome)}`);
    return {
      ear,
      get spokenSamples() {
        return spokenSamples;
      },
      get playedTicks() {
        return playedTicks;
      },
      hangUp,
    };
  };

  return {
    name: 'counting',
    start: (to) => {
      host = to;
    },
    ring: () => undefined,
    close: async () => {},
    dial,
  };
}
