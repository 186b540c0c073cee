import { tone } from '@agentao/audio';
import type { Leg, LegEvents, LegHost, LegProvider } from '@agentao/switch';

const frameSamples = 480;
const voice = tone({ frequencyHz: 440, sampleRateHz: 24_000, durationMs: 20 });

/** Phones that cost next to nothing, so that what is measured is the switch. They dial, and say the same 20 ms whenever they are played some. */
export interface PlainPhones extends LegProvider {
  dial(from: string, to: string): void;
}

/** Creates the provider. */
export function createPlainPhones(): PlainPhones {
  let host: LegHost | undefined;
  return {
    name: 'plain',
    start: (to) => {
      host = to;
    },
    ring: () => undefined,
    close: async () => {},
    dial(from, to) {
      let events: LegEvents | undefined;
      let position = 0;
      const leg: Leg = {
        number: from,
        sampleRateHz: 24_000,
        outputDelayMs: 0,
        start: (given) => {
          events = given;
        },
        answer: () => queueMicrotask(() => events?.answered()),
        hangUp: () => {},
        play: () => {
          events?.audio(voice, position);
          position += frameSamples;
        },
        sendDtmf: () => {},
      };
      const outcome = host?.incoming({ caller: leg, calleeNumber: to });
      if (outcome === undefined || !outcome.accepted) throw new Error(`call refused: ${JSON.stringify(outcome)}`);
    },
  };
}
