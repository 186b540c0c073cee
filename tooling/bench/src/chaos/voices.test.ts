import { levelDb } from '@agentao/audio';
import { expect, it } from 'vitest';
import { tonesIn } from './spectrum.ts';
import {
  createSpeech,
  numbersOf,
  readNumber,
  slots,
  type Voice,
  type VoiceRole,
  voiceOf,
  voiceOfTones,
} from './voices.ts';

const roles: readonly VoiceRole[] = ['caller', 'callee', 'agent', 'coach'];
const all: readonly Voice[] = Array.from({ length: slots }, (_, slot) =>
  roles.map((role) => voiceOf(slot, role)),
).flat();

it('gives every party of every call a pair of tones of its own', () => {
  expect(new Set(all.map(({ low, high }) => `${low} ${high}`)).size).toBe(all.length);
  for (const voice of all) expect(voiceOfTones(voice.low, voice.high)).toBe(voice);
});

it('gives the parties of one call tones that none of the others has', () => {
  for (let slot = 0; slot < slots; slot++) {
    const voices = roles.map((role) => voiceOf(slot, role));
    expect(new Set(voices.map(({ low }) => low)).size).toBe(roles.length);
    expect(new Set(voices.map(({ high }) => high)).size).toBe(roles.length);
  }
});

it('hears each voice alone as its two tones, wherever in it a window begins', () => {
  for (const voice of all) {
    const speech = createSpeech(voice);
    speech.next(voice.slot * 7);
    const samples = speech.next(512);
    expect(tonesIn(samples)).toEqual({ lows: 1 << voice.low, highs: 1 << voice.high });
    expect(levelDb(samples)).toBeCloseTo(-23, 0);
  }
});

it('writes the slot of a call into the numbers of both parties', () => {
  for (const number of Object.values(numbersOf(7, 12_345, 3)))
    expect(readNumber(number)).toEqual({ slot: 7, serial: 2_345 });
});
