import type { Party } from '@agentao/protocol';
import { busTickSamples } from '../media/bus.ts';
import type { SpokenTick } from '../media/level-tap.ts';
import { createHeardMix } from '../recording/heard-mix.ts';
import type { RecordingHeader, RecordingMark, RecordingSink } from '../recording/recorder.ts';
import type { RecordChange, SwitchRecords } from '../records/call-store.ts';

/** A recording in memory. */
export interface MemoryRecording {
  readonly header: RecordingHeader;
  readonly marks: readonly RecordingMark[];
  /** Ticks since the recording began; those that were left out are silence. */
  readonly ticks: number;
  readonly ended: boolean;
  /** What a party said, from the first tick on. A copy. */
  track(party: keyof SpokenTick): Int16Array;
  /** What was played to a person while it was recorded, mixed again from the tracks. */
  heardBy(hearer: Party): Int16Array;
}

/** Records that are kept in memory: for tests, in virtual time too. It grows without bound. */
export interface MemoryRecords extends SwitchRecords {
  readonly changes: readonly RecordChange[];
  /** By call id. */
  readonly recordings: ReadonlyMap<string, MemoryRecording>;
}

/** Makes empty records. */
export function createMemoryRecords(options: Pick<SwitchRecords, 'consentClip'> = {}): MemoryRecords {
  const changes: RecordChange[] = [];
  const recordings = new Map<string, MemoryRecording>();
  return {
    ...options,
    changes,
    recordings,
    store: { write: (change) => void changes.push(change) },
    recorder: {
      begin: (header, told) => {
        const path = `recordings/memory/${header.callId}`;
        const { recording, sink } = createRecording(header, () => told({ state: 'complete', path, bytes: 0 }));
        recordings.set(header.callId, recording);
        told({ state: 'recording', path });
        return sink;
      },
    },
  };
}

function createRecording(
  header: RecordingHeader,
  onEnd: () => void,
): { recording: MemoryRecording; sink: RecordingSink } {
  const { startTick, consentClip } = header;
  const marks: RecordingMark[] = [];
  const said = new Map<number, SpokenTick>();
  const silence = new Int16Array(busTickSamples);
  let endTick = startTick;
  let ended = false;

  const each = (take: (tick: number, spoken: SpokenTick, out: Int16Array) => void): Int16Array => {
    const out = new Int16Array((endTick - startTick) * busTickSamples);
    for (let tick = startTick; tick < endTick; tick++) {
      const spoken = said.get(tick) ?? { caller: silence, callee: silence, agent: silence };
      const from = (tick - startTick) * busTickSamples;
      take(tick, spoken, out.subarray(from, from + busTickSamples));
    }
    return out;
  };

  return {
    recording: {
      header,
      marks,
      get ticks() {
        return endTick - startTick;
      },
      get ended() {
        return ended;
      },
      track: (party) => each((_, spoken, out) => out.set(spoken[party])),
      heardBy: (hearer) => {
        const mix = createHeardMix(hearer, { marks, consentClip });
        return each(mix.next);
      },
    },
    sink: {
      mark: (mark) => void marks.push(mark),
      write(tick, { caller, callee, agent }) {
        said.set(tick, { caller: caller.slice(), callee: callee.slice(), agent: agent.slice() });
        endTick = tick + 1;
      },
      end(tick) {
        endTick = tick;
        ended = true;
        onEnd();
      },
    },
  };
}
