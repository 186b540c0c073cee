import { tone } from '@agentao/audio';
import { busRateHz, busTickSamples, ticksPerSecond } from '../media/bus.ts';
import type { SpokenPrompt } from '../media/conference.ts';
import type { CallCore } from './call-core.ts';

/** What the switch itself says to people: PCM at 24,000 Hz, mono, up to 10 s. A clip that ends in a little silence is heard to its end on any phone. */
export interface CallPrompts {
  /** The caller was answered, and nobody is left who could talk to it. The call ends behind it. */
  readonly nobodyLeft: Int16Array;
  /** The switch stops, and the time that running calls had is over. Everybody with an open line hears it; the call ends behind it. */
  readonly shuttingDown: Int16Array;
}

/** Longest prompt. */
export const longestPromptMs = 10_000;

/** Tones of 330 ms, one after another, and then silence. */
function tones(frequenciesHz: readonly number[]): Int16Array {
  const parts = frequenciesHz.map((frequencyHz) =>
    tone({ frequencyHz, durationMs: 330, sampleRateHz: busRateHz, levelDb: -20 }),
  );
  const silenceSamples = busRateHz / 5;
  const clip = new Int16Array(parts.reduce((samples, { length }) => samples + length, silenceSamples));
  let end = 0;
  for (const part of parts) {
    clip.set(part, end);
    end += part.length;
  }
  return clip;
}

/** Tones, which say the same in every language: the rising ones of ITU-T E.180, special information, and the same ones falling. */
export const defaultPrompts: CallPrompts = {
  nobodyLeft: tones([950, 1_400, 1_800]),
  shuttingDown: tones([1_800, 1_400, 950]),
};

/** The prompts with their defaults. Throws a TypeError that names the one at fault. */
export function resolvePrompts(prompts: Partial<CallPrompts> = {}): CallPrompts {
  const most = (longestPromptMs * busRateHz) / 1_000;
  for (const [name, clip] of Object.entries(prompts)) {
    if (!(name in defaultPrompts)) throw new TypeError(`prompts: there is no ${name}`);
    if (!(clip instanceof Int16Array) || clip.length === 0 || clip.length > most) {
      throw new TypeError(`prompts.${name} must have 1 to ${most} samples (10 s at 24,000 Hz)`);
    }
  }
  return { ...defaultPrompts, ...prompts };
}

/** Plays `clip` to everybody whose line is open, from the next tick on, then runs `done`. Disposing stops it, and `done` is not run. */
export function playPrompt(
  { conference, scope }: Pick<CallCore, 'conference' | 'scope'>,
  clip: Int16Array,
  done: () => void,
): Disposable {
  let played = 0;
  const prompt: SpokenPrompt = {
    clip,
    fill(tick) {
      const part = clip.subarray(played, played + tick.length);
      tick.set(part);
      tick.fill(0, part.length);
      played += part.length;
    },
  };
  conference.prompt = prompt;
  const stop = (): void => {
    if (conference.prompt === prompt) conference.prompt = undefined;
  };
  const ticks = Math.ceil(clip.length / busTickSamples) + 1;
  const timer = scope.after((ticks * 1_000) / ticksPerSecond, () => {
    stop();
    done();
  });
  return {
    [Symbol.dispose]: () => {
      timer.cancel();
      stop();
    },
  };
}
