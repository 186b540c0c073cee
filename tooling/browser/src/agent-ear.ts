import type { ActiveCall, AudioOptions } from '@agentao/calls';
import { createEar, type Ear } from './ear.ts';

/** What an agent hears of a call: one party, or the mix of both. */
export interface AgentEar {
  /** How much came so far. */
  readonly heardMs: number;
  /** Chunks that do not follow the one before. */
  readonly gaps: number;
  read(): Ear;
}

/** Listens from now on to the end of the call. */
export function openAgentEar(call: ActiveCall, options: AudioOptions = {}): AgentEar {
  const chunks: Int16Array[] = [];
  let count = 0;
  let gaps = 0;
  let next: number | undefined;
  call.audio$(options).subscribe(({ samples, positionSamples }) => {
    if (next !== undefined && positionSamples !== next) gaps += 1;
    next = positionSamples + samples.length;
    count += samples.length;
    chunks.push(samples);
  });
  return {
    get heardMs() {
      return (count * 1000) / call.sampleRateHz;
    },
    get gaps() {
      return gaps;
    },
    read: () => {
      const all = new Int16Array(count);
      let at = 0;
      for (const chunk of chunks) {
        all.set(chunk, at);
        at += chunk.length;
      }
      return createEar(all, call.sampleRateHz);
    },
  };
}
