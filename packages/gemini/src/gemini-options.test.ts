import { expect, it } from 'vitest';
import { gemini } from './gemini.ts';
import type { GeminiOptions } from './gemini-options.ts';

const wrong: readonly (readonly [GeminiOptions, string])[] = [
  [{ model: '' }, 'model: a text'],
  [{ voice: '' }, 'voice: a text'],
  [{ language: 7 as unknown as string }, 'language: a text'],
  [{ baseUrl: '' }, 'baseUrl: a text'],
  [{ apiVersion: '' }, 'apiVersion: a text'],
  [{ apiKey: '' }, 'apiKey: a text'],
  [{ setupTimeoutMs: 0 }, 'setupTimeoutMs: a positive number of milliseconds'],
  [{ setupTimeoutMs: Number.NaN }, 'setupTimeoutMs: a positive number of milliseconds'],
  [{ temperature: Number.NaN }, 'temperature: a number'],
  [{ token: 'one' as unknown as () => string }, 'token: a function that returns one'],
  [{ apiKey: 'one', token: () => 'another' }, 'one of apiKey, token and vertex'],
  [{ apiKey: 'one', vertex: { project: 'a', location: 'b' } }, 'one of apiKey, token and vertex'],
];

it.each(wrong)('refuses %j by name', (options, message) => {
  expect(() => gemini(options)).toThrow(new TypeError(message));
});

it('is named by its model, hears at 16 kHz and speaks at 24', () => {
  const model = gemini({ model: 'gemini-of-tomorrow', apiKey: 'any' });
  expect(model).toMatchObject({ name: 'gemini-of-tomorrow', inputRateHz: 16_000, outputRateHz: 24_000, chunkMs: 100 });
  expect(gemini().name).toMatch(/^gemini-/);
});
