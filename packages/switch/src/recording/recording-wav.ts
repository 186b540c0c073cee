import { createMixer, createWavWriter, toBytes } from '@agentao/audio';
import type { Party } from '@agentao/protocol';
import { busRateHz, busTickSamples } from '../media/bus.ts';
import type { SpokenTick } from '../media/level-tap.ts';
import { createHeardMix } from './heard-mix.ts';
import { recordedParties } from './recorder.ts';
import type { RecordingFacts, RecordingReader } from './recording-reader.ts';

/**
 * What goes into a WAV. `mono`: what the caller could hear, that is the caller's own voice and all that was played to the caller. `parties`: one channel
 * each for caller, callee and agent, as said, whoever heard it. `caller-ear`, `callee-ear`: what was played to that person, sample for sample.
 */
export type WavContent = 'mono' | 'parties' | 'caller-ear' | 'callee-ear';

/** Every {@link WavContent}. */
export const wavContents: readonly WavContent[] = ['mono', 'parties', 'caller-ear', 'callee-ear'];

const mixer = createMixer();

/** A recording as a WAV of 16 bits at 24,000 Hz, in pieces of up to a second; each piece is the reader's until the next. */
export function* recordingWav(recording: RecordingReader, content: WavContent): Generator<Uint8Array, void, undefined> {
  const { facts } = recording;
  const channels = content === 'parties' ? recordedParties.length : 1;
  const wav = createWavWriter({ sampleRateHz: busRateHz, channels });
  yield wav.finalHeader(facts.ticks * busTickSamples * channels);
  const render = content === 'parties' ? interleave : createRenderer(facts, content);
  for (const second of recording.seconds()) yield toBytes(render(second));
}

function interleave({ caller, callee, agent }: SpokenTick): Int16Array {
  const channels = [caller, callee, agent];
  const out = new Int16Array(caller.length * channels.length);
  for (const [channel, samples] of channels.entries()) {
    for (let i = 0; i < samples.length; i++) out[i * channels.length + channel] = samples[i] as number;
  }
  return out;
}

function createRenderer(
  facts: RecordingFacts,
  content: Exclude<WavContent, 'parties'>,
): (second: SpokenTick) => Int16Array {
  const hearer: Party = content === 'callee-ear' ? 'callee' : 'caller';
  const heard = createHeardMix(hearer, facts);
  let tick = facts.startTick;
  return ({ caller, callee, agent }) => {
    const out = new Int16Array(caller.length);
    for (let from = 0; from < out.length; from += busTickSamples) {
      const part = (samples: Int16Array): Int16Array => samples.subarray(from, from + busTickSamples);
      const mix = part(out);
      heard.next(tick++, { caller: part(caller), callee: part(callee), agent: part(agent) }, mix);
      if (content === 'mono') mixer.mixInto(mix, [mix, part(caller)]);
    }
    return out;
  };
}
