import { createClientTarget } from './client-target.ts';
import { createCodecTarget } from './codec-target.ts';
import { createFrameTarget } from './frame-target.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { createMessageGrammar } from './message-grammar.ts';
import { createRawTarget } from './raw-target.ts';
import { createSignalTarget } from './signal-target.ts';
import { createSwitchTarget } from './switch-target.ts';
import { createWavTarget } from './wav-target.ts';

/** Everything that is fuzzed, always in the same order. */
export function createTargets(): readonly FuzzTarget[] {
  const grammar = createMessageGrammar();
  return [
    createCodecTarget(grammar),
    createFrameTarget(),
    createWavTarget(),
    createSignalTarget(),
    createSwitchTarget(grammar),
    createClientTarget(grammar),
    createRawTarget(grammar),
  ];
}
