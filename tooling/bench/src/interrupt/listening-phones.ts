import type { Leg, LegEvents, LegHost, LegProvider } from '@agentao/switch';
import { epochMs } from './epoch.ts';

const sampleRateHz = 24_000;

/** A phone on the switch's own clock that says nothing and knows when it last heard something. */
export interface ListeningPhone {
  readonly number: string;
  /** When the last sample that is not silence ends at the ear. */
  readonly lastSoundMs: number;
  hangUp(): void;
}

/** Phones that dial and listen. */
export interface ListeningPhones extends LegProvider {
  dial(from: string, to: string): ListeningPhone;
}

/** Creates the provider. */
export function createListeningPhones(): ListeningPhones {
  let host: LegHost | undefined;
  const dial = (from: string, to: string): ListeningPhone => {
    const silence = new Int16Array(sampleRateHz / 50);
    let events: LegEvents | undefined;
    let position = 0;
    let lastSoundMs = 0;
    const hangUp = (): void => queueMicrotask(() => events?.ended('hangup'));
    const leg: Leg = {
      number: from,
      sampleRateHz,
      outputDelayMs: 0,
      start: (to) => {
        events = to;
      },
      answer: () => queueMicrotask(() => events?.answered()),
      hangUp,
      play: (samples) => {
        const last = samples.findLastIndex((sample) => sample !== 0);
        if (last >= 0) lastSoundMs = epochMs() + ((last + 1) * 1_000) / sampleRateHz;
        events?.audio(silence, position);
        position += silence.length;
      },
      sendDtmf: () => {},
    };
    const outcome = host?.incoming({ caller: leg, calleeNumber: to });
    if (outcome === undefined || !outcome.accepted) throw new Error(`call refused: ${JSON.stringify(outcome)}`);
    return {
      number: from,
      get lastSoundMs() {
        return lastSoundMs;
      },
      hangUp,
    };
  };
  return {
    name: 'listening',
    start: (to) => {
      host = to;
    },
    ring: () => undefined,
    close: async () => {},
    dial,
  };
}
