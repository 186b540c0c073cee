import { tone, toneLevelDb } from '@agentao/audio';
import { tracks } from '@agentao/protocol';
import { rateHz, type SwitchBench, tickSamples } from './bench.ts';
import { must } from './make-check.ts';
import type { Peer } from './peer.ts';

/** Tones by which the kit tells who speaks, away from those that ring. */
export const voiceHz = { agent: 700, caller: 1_300, callee: 1_000 } as const;

/** Above it a tone counts as heard, below it as not. */
const heardDb = -40;
const windowSamples = 2 * tickSamples;

/** A tone of the agent at the rate of the kit. */
export function agentVoice(durationMs = 200): Int16Array {
  return voice('agent', durationMs);
}

/** The tone of somebody at the rate of the kit. */
export function voice(who: keyof typeof voiceHz, durationMs: number): Int16Array {
  return tone({ frequencyHz: voiceHz[who], durationMs, sampleRateHz: rateHz, levelDb: -12 });
}

/** Where a listener stands: what comes from here on is judged. */
export interface Ear {
  readonly peer: Peer;
  readonly track: number;
  readonly from: number;
}

/** An ear at a peer, from now on. */
export function ear(peer: Peer, track: number = tracks.mix): Ear {
  return { peer, track, from: peer.frames.length };
}

/** Level of the loudest 40 ms of a tone at this ear. */
function loudestDb({ peer, track, from }: Ear, frequencyHz: number): number {
  const parts = peer.frames.slice(from).filter(({ header }) => header.track === track);
  const all = new Int16Array(parts.reduce((sum, { samples }) => sum + samples.length, 0));
  let at = 0;
  for (const { samples } of parts) {
    all.set(samples, at);
    at += samples.length;
  }
  let loudest = -120;
  for (let start = 0; start + windowSamples <= all.length; start += windowSamples) {
    const window = all.subarray(start, start + windowSamples);
    loudest = Math.max(loudest, toneLevelDb(window, { frequencyHz, sampleRateHz: rateHz }));
  }
  return loudest;
}

/** Waits until the tone is there. */
export async function hears(listener: Ear, who: keyof typeof voiceHz): Promise<void> {
  const isThere = (): true | undefined => (loudestDb(listener, voiceHz[who]) > heardDb ? true : undefined);
  await listener.peer.until(`the voice of the ${who}`, isThere);
}

/** Sees that the tone has not been there so far. */
export function hasNotHeard(listener: Ear, who: keyof typeof voiceHz): void {
  const level = loudestDb(listener, voiceHz[who]);
  must(level <= heardDb, `nothing of the ${who}`, `its voice at ${Math.round(level)} dB`);
}

/** How many samples lie between the first and the last loud one that a phone has heard since `from`. */
export function heardSpan(phone: Peer, from: number): number {
  let at = 0;
  let first: number | undefined;
  let last = 0;
  for (const { samples } of phone.frames.slice(from)) {
    for (const sample of samples) {
      at++;
      if (Math.abs(sample) < 1_000) continue;
      first ??= at;
      last = at;
    }
  }
  return first === undefined ? 0 : last - first + 1;
}

/** What a phone says, and how. */
export interface Speech {
  readonly who: 'caller' | 'callee';
  /** Default 300. */
  readonly durationMs?: number;
  /** Where its positions stand; default 0, for the first thing that it says. */
  readonly position?: number;
}

/** A phone says its tone, 20 ms at a time, steadily. */
export async function phoneSays(bench: SwitchBench, phone: Peer, speech: Speech): Promise<void> {
  const { clock } = bench.site;
  const { who, durationMs = 300, position = 0 } = speech;
  const samples = voice(who, durationMs);
  const fromMs = clock.now();
  for (let at = 0; at < samples.length; at += tickSamples) {
    phone.sendAudio({ samples: samples.subarray(at, at + tickSamples), position: position + at, track: tracks.mix });
    await bench.sleep(Math.max(0, fromMs + ((at + tickSamples) / rateHz) * 1_000 - clock.now()));
  }
}
