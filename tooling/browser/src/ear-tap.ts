import { levelDb, silenceDb, toneLevelDb } from '@agentao/audio';
import type { Page } from 'playwright-core';

/** What one AudioContext of a page plays to its speaker, as samples. */
export interface PageEar {
  readonly sampleRateHz: number;
  /** How much has been played so far. */
  readonly heardMs: number;
  /** From `fromMs` on, to now. */
  readonly samples: (fromMs?: number) => Int16Array;
  /**
   * Level of one frequency in dBFS: the median of windows of half a second in the stretch, so that neither a correction of drift in
   * one of them nor a short hold-up of the machine passes for a tone, or for its absence.
   */
  readonly levelDb: (frequencyHz: number, range: { readonly fromMs: number; readonly toMs: number }) => number;
  /** Milliseconds of a stretch in which it is all but silent. */
  readonly silentMs: (range: { readonly fromMs: number; readonly toMs: number }) => number;
}

interface TappedWindow {
  earTaps?: { readonly rateHz: number; readonly chunks: Float32Array[] }[];
}

const toneWindowMs = 500;
const silenceWindowMs = 5;
const silentBelowDb = -40;

/** A tap hands over so many samples at once; large, so that a busy page loses none. */
const blockSamples = 16_384;
/** What is in the ear by now is in the tap after so long. */
export const tapDelayMs = 1_000;

/**
 * Taps everything that the page sends to a speaker. Before the page is opened. By a ScriptProcessor, for a worklet would need a script of
 * the page's own origin.
 */
export async function tapEars(page: Page): Promise<void> {
  await page.addInitScript((block) => {
    const taps: NonNullable<TappedWindow['earTaps']> = [];
    (window as TappedWindow).earTaps = taps;
    const tapped = new Map<BaseAudioContext, ScriptProcessorNode>();
    const connect = AudioNode.prototype.connect as (this: AudioNode, ...args: unknown[]) => AudioNode;
    const tapOf = (context: BaseAudioContext): ScriptProcessorNode => {
      const present = tapped.get(context);
      if (present) return present;
      const tap = { rateHz: context.sampleRate, chunks: [] as Float32Array[] };
      taps.push(tap);
      const node = context.createScriptProcessor(block, 1, 1);
      node.onaudioprocess = ({ inputBuffer }) => void tap.chunks.push(inputBuffer.getChannelData(0).slice());
      connect.call(node, context.destination);
      tapped.set(context, node);
      return node;
    };
    AudioNode.prototype.connect = function (this: AudioNode, ...args: unknown[]) {
      if (args[0] === this.context.destination) connect.call(this, tapOf(this.context));
      return connect.apply(this, args);
    };
  }, blockSamples);
}

/** What the page's `index`-th speaker has played so far. Throws while there is none. */
export async function readEar(page: Page, index = 0): Promise<PageEar> {
  const { rateHz, base64 } = await page.evaluate((which) => {
    const tap = (window as TappedWindow).earTaps?.[which];
    if (tap === undefined) throw new Error(`the page has no speaker ${which}`);
    const block = tap.chunks[0]?.length ?? 0;
    const samples = new Int16Array(tap.chunks.length * block);
    tap.chunks.forEach((chunk, at) => {
      chunk.forEach((value, i) => {
        samples[at * block + i] = Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768)));
      });
    });
    const bytes = new Uint8Array(samples.buffer);
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return { rateHz: tap.rateHz, base64: btoa(text) };
  }, index);
  const bytes = Buffer.from(base64, 'base64');
  const all = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const at = (ms: number): number => Math.min(all.length, Math.max(0, Math.round((ms * rateHz) / 1000)));
  const cut = (fromMs = 0, toMs = Number.POSITIVE_INFINITY): Int16Array => all.subarray(at(fromMs), at(toMs));
  return {
    sampleRateHz: rateHz,
    heardMs: (all.length * 1000) / rateHz,
    samples: (fromMs) => cut(fromMs),
    levelDb: (frequencyHz, { fromMs, toMs }) => {
      const levels: number[] = [];
      for (let ms = fromMs; ms + toneWindowMs <= toMs; ms += toneWindowMs) {
        levels.push(toneLevelDb(cut(ms, ms + toneWindowMs), { frequencyHz, sampleRateHz: rateHz }));
      }
      return levels.sort((a, b) => a - b)[Math.floor(levels.length / 2)] ?? silenceDb;
    },
    silentMs: ({ fromMs, toMs }) => {
      let silent = 0;
      for (let ms = fromMs; ms + silenceWindowMs <= toMs; ms += silenceWindowMs) {
        if (levelDb(cut(ms, ms + silenceWindowMs)) < silentBelowDb) silent += silenceWindowMs;
      }
      return silent;
    },
  };
}
