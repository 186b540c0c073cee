import { speech } from '@agentao/audio/speech';
import type { Leg, LegEvents, LegHost, LegProvider } from '@agentao/switch';

const sampleRateHz = 24_000;
const tickSamples = sampleRateHz / 50;
/** Silence after a word by which it is over. */
const pauseTicks = 5;
/** Whoever gets no answer for three seconds says it again: a machine that starts a hundred calls at once may not hear all of them. */
const againTicks = 150;

/** A phone on the switch's own clock: hears a word, says its own, hears another one, and hangs up. */
export interface TalkingPhone {
  /** It has heard so many words. */
  readonly heardWords: number;
  /** It has hung up, having heard the answer. */
  readonly over: boolean;
}

/** Phones that dial, say this, and hang up. */
export interface TalkingPhones extends LegProvider {
  dial(from: string, to: string): TalkingPhone;
}

/** Creates the provider. */
export function createTalkingPhones(says: string): TalkingPhones {
  const spoken = speech.encode(says, { sampleRateHz, band: 'low' });
  const word = new Int16Array(Math.ceil(spoken.length / tickSamples) * tickSamples);
  word.set(spoken);
  const silence = new Int16Array(tickSamples);
  let host: LegHost | undefined;
  const dial = (from: string, to: string): TalkingPhone => {
    let events: LegEvents | undefined;
    let position = 0;
    let heardWords = 0;
    let quietTicks = pauseTicks;
    let said = word.length;
    let over = false;
    const heard = (samples: Int16Array): void => {
      if (samples.some((sample) => sample !== 0)) quietTicks = 0;
      else if (++quietTicks === pauseTicks) {
        heardWords += 1;
        if (heardWords === 1) said = 0;
        else hangUp();
      }
    };
    const hangUp = (): void => {
      over = true;
      queueMicrotask(() => events?.ended('hangup'));
    };
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
        if (over) return;
        heard(samples);
        if (heardWords === 1 && said >= word.length + againTicks * tickSamples) said = 0;
        const tick = said < word.length ? word.subarray(said, said + tickSamples) : silence;
        said += tickSamples;
        events?.audio(tick, position);
        position += tickSamples;
      },
      sendDtmf: () => {},
    };
    const outcome = host?.incoming({ caller: leg, calleeNumber: to });
    if (outcome === undefined || !outcome.accepted) throw new Error(`call refused: ${JSON.stringify(outcome)}`);
    return {
      get heardWords() {
        return heardWords;
      },
      get over() {
        return over;
      },
    };
  };
  return {
    name: 'talking',
    start: (to) => {
      host = to;
    },
    ring: () => undefined,
    close: async () => {},
    dial,
  };
}
