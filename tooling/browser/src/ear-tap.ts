import type { Page } from 'playwright-core';
import { createEar, type Ear } from './ear.ts';

interface TappedWindow {
  earTaps?: { readonly rateHz: number; readonly chunks: Float32Array[] }[];
}

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

/** How much the page's `index`-th speaker has played so far; the speakers are counted as they come. Throws while there is none. */
export function heardMs(page: Page, index = 0): Promise<number> {
  return page.evaluate((which) => {
    const tap = (window as TappedWindow).earTaps?.[which];
    if (tap === undefined) throw new Error(`the page has no speaker ${which}`);
    return (tap.chunks.length * (tap.chunks[0]?.length ?? 0) * 1000) / tap.rateHz;
  }, index);
}

/** What the page's `index`-th speaker has played so far. Throws while there is none. */
export async function readEar(page: Page, index = 0): Promise<Ear> {
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
  return createEar(
    new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
    rateHz,
    blockSamples,
  );
}
