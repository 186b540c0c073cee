/** Who speaks in a call. The coach is the agent while it speaks to the callee alone, or to nobody. */
export type VoiceRole = 'caller' | 'callee' | 'agent' | 'coach';

/** Rate of every voice and every ear. */
export const sampleRateHz = 24_000;
/** Length of what is looked at at once: little more than a tick. Every tone has whole periods in it. */
export const windowSamples = 512;
/** Calls that can be told from each other. */
export const slots = 72;

const roles: readonly VoiceRole[] = ['caller', 'callee', 'agent', 'coach'];
/** Bins of the window's spectrum, six apart, where a Blackman-Harris window keeps tones apart. */
export const lowBins: readonly number[] = Array.from({ length: 16 }, (_, index) => 15 + 6 * index);
export const highBins: readonly number[] = Array.from({ length: 18 }, (_, index) => 111 + 6 * index);

/** A voice is a tone of two frequencies, like a telephone key: one of 16 low ones (703 to 4,922 Hz) and one of 18 high ones (5,203 to 9,984 Hz). */
export interface Voice {
  readonly slot: number;
  readonly role: VoiceRole;
  readonly low: number;
  readonly high: number;
}

/** -26 dB each: three voices and a prompt together stay below full scale, so that no mix makes tones of its own. */
export const toneAmplitude = 2_322;

const voices: readonly Voice[] = Array.from({ length: slots * roles.length }, (_, index) => {
  const role = index % roles.length;
  const slot = Math.floor(index / roles.length);
  // The voices of one call are far from each other in both frequencies, and no two voices have both in common.
  return {
    slot,
    role: roles[role] as VoiceRole,
    low: 4 * ((slot + role) % 4) + role,
    high: (Math.floor(slot / 4) + 4 * role) % highBins.length,
  };
});
const byTones = new Map(voices.map((voice) => [voice.low * 32 + voice.high, voice]));

/** The voice of a party. */
export function voiceOf(slot: number, role: VoiceRole): Voice {
  const voice = voices[slot * roles.length + roles.indexOf(role)];
  if (voice === undefined) throw new RangeError(`there is no slot ${slot}`);
  return voice;
}

/** Whose voice has these two tones; every pair is somebody's. */
export function voiceOfTones(low: number, high: number): Voice {
  const voice = byTones.get(low * 32 + high);
  if (voice === undefined) throw new RangeError(`nobody has tones ${low} and ${high}`);
  return voice;
}

/** Speaks without end. */
export interface Speech {
  /** The next samples: a view that is good until the next call, of at most `longestSpeech` samples. */
  next(samples: number): Int16Array;
}

/** Most samples at once: 100 ms. */
export const longestSpeech = 2_400;

/** Begins to speak with a voice. */
export function createSpeech({ low, high }: Voice): Speech {
  const loop = new Int16Array(windowSamples + longestSpeech);
  const turns = [lowBins[low] as number, highBins[high] as number];
  for (let i = 0; i < loop.length; i++) {
    let sum = 0;
    for (const turn of turns) sum += Math.sin((2 * Math.PI * turn * i) / windowSamples);
    loop[i] = Math.round(toneAmplitude * sum);
  }
  let at = 0;
  return {
    next(samples) {
      const piece = loop.subarray(at, at + samples);
      at = (at + samples) % windowSamples;
      return piece;
    },
  };
}

/** The numbers of one call: the voices to be heard in it are in them. */
export interface CallNumbers {
  readonly caller: string;
  readonly callee: string;
}

/** Numbers of the call with this serial number; `line` is the digit by which a connector knows its own. */
export function numbersOf(slot: number, serial: number, line: number): CallNumbers {
  const tail = `${String(slot).padStart(2, '0')}${String(serial % 10_000).padStart(4, '0')}`;
  return { caller: `+15551${tail}`, callee: `+1555${line}${tail}` };
}

/** The slot and the serial number, modulo 10,000, of a number of either party. */
export function readNumber(number: string): { readonly slot: number; readonly serial: number } {
  return { slot: Number(number.slice(6, 8)), serial: Number(number.slice(8)) };
}
