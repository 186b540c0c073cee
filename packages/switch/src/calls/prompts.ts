import { tone } from '@agentao/audio';
import { busRateHz, busTickSamples, ticksPerSecond } from '../media/bus.ts';
import type { CallCore } from './call-core.ts';

/** What the switch itself says to a caller: PCM at 24,000 Hz, mono. A clip that ends in a little silence is heard to its end on any phone. */
export interface CallPrompts {
  /** The caller was answered, and nobody is left who could talk to it. The call ends behind it. */
  readonly nobodyLeft: Int16Array;
}

/** The special information tone of ITU-T E.180: three tones that rise, and then silence. */
function specialInformation(): Int16Array {
  const tones = [950, 1_400, 1_800].map((frequencyHz) =>
    tone({ frequencyHz, durationMs: 330, sampleRateHz: busRateHz, levelDb: -20 }),
  );
  const silenceSamples = busRateHz / 5;
  const clip = new Int16Array(tones.reduce((samples, { length }) => samples + length, silenceSamples));
  let end = 0;
  for (const part of tones) {
    clip.set(part, end);
    end += part.length;
  }
  return clip;
}

/** Tones, which say the same in every language. */
export const defaultPrompts: CallPrompts = { nobodyLeft: specialInformation() };

/** Plays `clip` to the caller from the next tick on, then runs `done`. Disposing stops it, and `done` is not run. */
export function playPrompt(
  { conference, scope }: Pick<CallCore, 'conference' | 'scope'>,
  clip: Int16Array,
  done: () => void,
): Disposable {
  let played = 0;
  conference.prompt = {
    fill(tick) {
      const part = clip.subarray(played, played + tick.length);
      tick.set(part);
      tick.fill(0, part.length);
      played += part.length;
    },
  };
  const ticks = Math.ceil(clip.length / busTickSamples) + 1;
  const timer = scope.after((ticks * 1_000) / ticksPerSecond, () => {
    conference.prompt = undefined;
    done();
  });
  return {
    [Symbol.dispose]: () => {
      timer.cancel();
      conference.prompt = undefined;
    },
  };
}
