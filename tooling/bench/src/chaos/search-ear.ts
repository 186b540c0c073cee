import { highBins, lowBins, sampleRateHz, type Voice, voiceOfTones, windowSamples } from './voices.ts';

/** An ear, and what it may hear. */
export interface EarToSearch {
  readonly stretches: readonly number[];
  /** When position 0 was, on the shared clock. */
  readonly originMs: number;
  /** The voices that may be heard somewhere between two moments on the shared clock. */
  readonly allowed: (fromMs: number, toMs: number) => readonly Voice[];
}

/** A voice that had no business there. */
export interface ForeignVoice {
  readonly voice: Voice;
  readonly atMs: number;
  readonly durationMs: number;
}

/** What came of a search. */
export interface EarFinding {
  readonly foreign: readonly ForeignVoice[];
  /** Time in which a voice was heard that may be heard. */
  readonly spokenMs: number;
  /** The longest time in which one might have been heard all along, and none was. */
  readonly worstGapMs: number;
}

const windowMs = (windowSamples * 1_000) / sampleRateHz;
/**
 * Windows in a row in which a voice is heard to be there. A tone that breaks off within one spreads over its neighbours in that window;
 * two in a row, with both tones, is what no break makes.
 */
const leastWindows = 2;

/** Searches an ear for voices that it may not hear. A pair of tones that two voices which may be heard have between them is nobody's. */
export function searchEar({ stretches, originMs, allowed }: EarToSearch): EarFinding {
  const running = new Map<Voice, { windows: number; atMs: number }>();
  const foreign: ForeignVoice[] = [];
  let spokenMs = 0;
  let gapMs = 0;
  let worstGapMs = 0;
  let end = 0;

  const stop = (voice: Voice, { windows, atMs }: { windows: number; atMs: number }): void => {
    running.delete(voice);
    if (windows >= leastWindows) foreign.push({ voice, atMs, durationMs: windows * windowMs });
  };

  for (let i = 0; i < stretches.length; i += 4) {
    const from = stretches[i] as number;
    if (from !== end) for (const [voice, run] of running) stop(voice, run);
    const windows = stretches[i + 1] as number;
    const lows = stretches[i + 2] as number;
    const highs = stretches[i + 3] as number;
    end = from + windows * windowSamples;
    for (let index = 0; index < windows; index++) {
      const atMs = originMs + ((from + index * windowSamples) * 1_000) / sampleRateHz;
      const may = allowed(atMs, atMs + windowMs);
      let mayLows = 0;
      let mayHighs = 0;
      let spoken = false;
      for (const { low, high } of may) {
        mayLows |= 1 << low;
        mayHighs |= 1 << high;
        spoken ||= ((lows >> low) & (highs >> high) & 1) === 1;
      }
      if (spoken) spokenMs += windowMs;
      gapMs = spoken || may.length === 0 ? 0 : gapMs + windowMs;
      worstGapMs = Math.max(worstGapMs, gapMs);
      const heard = foreignVoices({ lows, highs }, { lows: mayLows, highs: mayHighs });
      for (const [voice, run] of running) if (!heard.includes(voice)) stop(voice, run);
      for (const voice of heard) {
        const run = running.get(voice);
        if (run === undefined) running.set(voice, { windows: 1, atMs });
        else run.windows++;
      }
    }
  }
  for (const [voice, run] of running) stop(voice, run);
  return { foreign, spokenMs, worstGapMs };
}

interface Masks {
  readonly lows: number;
  readonly highs: number;
}

const nobody: readonly Voice[] = [];

function foreignVoices(heard: Masks, may: Masks): readonly Voice[] {
  if (heard.lows === 0 || heard.highs === 0) return nobody;
  const lows = heard.lows & ~may.lows;
  const highs = heard.highs & ~may.highs;
  if (lows === 0 && highs === 0) return nobody;
  // A stranger may share one tone with somebody who may be heard. That is for want of another explanation: both tones are foreign as a rule.
  return pairsOf(lows === 0 ? heard.lows : lows, highs === 0 ? heard.highs : highs);
}

function pairsOf(lows: number, highs: number): Voice[] {
  const voices: Voice[] = [];
  for (let low = 0; low < lowBins.length; low++) {
    if (((lows >> low) & 1) === 0) continue;
    for (let high = 0; high < highBins.length; high++)
      if (((highs >> high) & 1) === 1) voices.push(voiceOfTones(low, high));
  }
  return voices;
}
