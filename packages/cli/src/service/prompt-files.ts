import { readFileSync } from 'node:fs';
import { readWav } from '@agentao/audio';
import type { ConfigFault, PromptsConfig } from './service-config.ts';

/** The clips of a configuration at 24,000 Hz, or what is wrong with their files. */
export type PromptFiles =
  | { readonly ok: true; readonly clips: { readonly [Name in keyof PromptsConfig]?: Int16Array } }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] };

const sampleRateHz = 24_000;
const longestSeconds = 10;

/** A WAV of that length at the highest rate, with room to spare: nothing larger is read. */
const maxBytes = 32 * 1_048_576;

/** Reads WAV files of any rate and layout. */
export function readPromptFiles(prompts: PromptsConfig): PromptFiles {
  const faults: ConfigFault[] = [];
  const clips: Partial<Record<keyof PromptsConfig, Int16Array>> = {};
  for (const [name, path] of Object.entries(prompts) as [keyof PromptsConfig, string | undefined][]) {
    if (path === undefined) continue;
    try {
      clips[name] = readClip(path);
    } catch (error) {
      faults.push({ path: ['prompts', name], message: `${path} cannot be used: ${(error as Error).message}` });
    }
  }
  return faults.length === 0 ? { ok: true, clips } : { ok: false, faults };
}

function readClip(path: string): Int16Array {
  const bytes = readFileSync(path);
  if (bytes.length > maxBytes) throw new Error(`it is larger than ${maxBytes / 1_048_576} MiB`);
  const clip = readWav(bytes, { sampleRateHz });
  if (clip.length === 0) throw new Error('it holds no sound');
  if (clip.length > longestSeconds * sampleRateHz) throw new Error(`it is longer than ${longestSeconds} s`);
  return clip;
}
