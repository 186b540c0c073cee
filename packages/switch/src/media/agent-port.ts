import { createMixer, createResampler, type Resampler } from '@agentao/audio';
import type { IncomingTrack, MediaRateHz } from '@agentao/protocol';
import type { AgentPlayout } from './agent-playout.ts';
import { busRateHz, busTickSamples, ticksPerSecond } from './bus.ts';
import type { Matrix } from './matrix.ts';

/** An agent as the conference sees it: its voice on the bus, and its ears at the link's rate. */
export interface AgentPort {
  readonly playout: AgentPlayout;
  /** The incoming tracks from the next tick on. */
  setTracks(tracks: readonly IncomingTrack[]): void;
  /** The next tick of the agent's voice into `bus`; returns how many samples of it are the agent's, at the link's rate. */
  speak(bus: Int16Array): number;
  /** Sends one tick of every incoming track; `tick` counts from the call's arrival. */
  listen(caller: Int16Array, callee: Int16Array, matrix: Matrix, tick: number): void;
  /** Ticks were left out: what is sent next follows a gap. */
  skipped(): void;
  /** Somebody is about to hear the agent who did not: nothing said before may linger in the resampler. */
  forgetVoice(): void;
}

/** Takes one tick of one incoming track. `samples` and `frame` are reused after it returns. */
export type HearTrack = (
  track: IncomingTrack,
  samples: Int16Array,
  frame: { readonly position: number; readonly gapBefore: boolean },
) => void;

/** What an agent's port is made of. */
export interface AgentPortOptions {
  readonly sampleRateHz: MediaRateHz;
  readonly tracks: readonly IncomingTrack[];
  readonly playout: AgentPlayout;
  readonly hear: HearTrack;
}

const mixer = createMixer();
const silence = new Int16Array(busTickSamples);

/** Makes the port of an agent; its resamplers start in silence. */
export function createAgentPort({ sampleRateHz, tracks, playout, hear }: AgentPortOptions): AgentPort {
  const tickSamples = sampleRateHz / ticksPerSecond;
  const spoken = new Int16Array(tickSamples);
  const voice = createResampler({ inputRateHz: sampleRateHz, outputRateHz: busRateHz });
  const mix = new Int16Array(busTickSamples);
  const frame = { position: 0, gapBefore: false };
  const both: Int16Array[] = [silence, silence];
  let ears: readonly { readonly track: IncomingTrack; readonly resampler: Resampler }[] = [];
  let gapBefore = false;

  const setTracks = (wanted: readonly IncomingTrack[]): void => {
    ears = [...new Set(wanted)].map(
      (track) =>
        ears.find((ear) => ear.track === track) ?? {
          track,
          resampler: createResampler({ inputRateHz: busRateHz, outputRateHz: sampleRateHz }),
        },
    );
  };
  setTracks(tracks);

  return {
    playout,
    setTracks,

    speak(bus) {
      const count = playout.pull(spoken);
      voice.processInto(spoken, bus);
      return count;
    },

    listen(caller, callee, matrix, tick) {
      const callerHeard = matrix.caller.agent === 0 ? silence : caller;
      const calleeHeard = matrix.callee.agent === 0 ? silence : callee;
      frame.position = tick * tickSamples;
      frame.gapBefore = gapBefore;
      gapBefore = false;
      for (const ear of ears) {
        let heard = callerHeard;
        if (ear.track === 'callee') heard = calleeHeard;
        if (ear.track === 'mix') {
          both[0] = callerHeard;
          both[1] = calleeHeard;
          mixer.mixInto(mix, both);
          heard = mix;
        }
        hear(ear.track, sampleRateHz === busRateHz ? heard : ear.resampler.process(heard), frame);
      }
    },

    skipped: () => {
      gapBefore = true;
    },
    forgetVoice: () => voice.reset(),
  };
}
