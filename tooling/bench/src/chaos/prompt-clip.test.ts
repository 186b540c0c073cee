import { tone } from '@agentao/audio';
import { expect, it } from 'vitest';
import { createSearchingEar } from './ear.ts';
import { createPromptClip } from './prompt-clip.ts';
import { searchEar } from './search-ear.ts';
import { createSpeech, sampleRateHz, voiceOf } from './voices.ts';

/** Voices that are heard and have no business there while `clip` plays and somebody speaks who may. */
function foreignIn(clip: Int16Array, startSamples: number): number {
  let foreign = 0;
  for (const slot of [0, 17, 71]) {
    const agent = voiceOf(slot, 'agent');
    const speech = createSpeech(agent);
    const ear = createSearchingEar();
    for (let at = 0; at < clip.length + 4_800; at += 480) {
      const heard = Int16Array.from(speech.next(480), (sample, i) => sample + (clip[at + i - startSamples] ?? 0));
      ear.hear(heard, at);
    }
    const { stretches } = ear.take();
    foreign += searchEar({ stretches, originMs: 0, allowed: () => [agent] }).foreign.length;
  }
  return foreign;
}

it('is taken for no voice, wherever in a window it begins and whoever speaks meanwhile', () => {
  for (const start of [0, 1, 100, 255, 256, 300, 511]) expect(foreignIn(createPromptClip(), start)).toBe(0);
});

it('would be, were it one of the tones that the switch says the same with by itself', () => {
  expect(foreignIn(tone({ frequencyHz: 950, durationMs: 330, sampleRateHz, levelDb: -20 }), 0)).toBeGreaterThan(0);
});
