import { createMixer, type ToneSource } from '@agentao/audio';
import type { Party } from '@agentao/protocol';
import { busTickSamples } from '../media/bus.ts';
import type { ConferenceTap, SpokenPrompt, TappedLines } from '../media/conference.ts';
import type { Matrix } from '../media/matrix.ts';
import type { Recorder, RecordingHeader, RecordingSink, RecordingState } from './recorder.ts';

/** Records one conference, from the first tick in which a line is open. */
export interface RecordingTap extends ConferenceTap {
  /** The call is over. Idempotent. */
  end(): void;
}

/** What a tap is made of. */
export interface RecordingTapOptions {
  readonly recorder: Recorder;
  readonly call: Pick<RecordingHeader, 'callId' | 'connectorUuid' | 'startedAtMs' | 'consentClip'>;
  /** Milliseconds since the call's arrival. */
  readonly atMs: () => number;
  readonly onState: (state: RecordingState) => void;
  /** The recorder threw; nothing more is recorded of this call. */
  readonly onFault: (error: unknown) => void;
}

const mixer = createMixer();

/** Makes a tap that waits for a line to open. It never throws. */
export function createRecordingTap({ recorder, call, atMs, onState, onFault }: RecordingTapOptions): RecordingTap {
  const clip = splitClip(call.consentClip);
  /** How far each person is in the clip, in ticks; -1 while their line is closed. */
  const heard: Record<Party, number> = { caller: -1, callee: -1 };
  let sink: RecordingSink | undefined;
  let isOver = false;
  let nextTick = 0;
  let matrix: Matrix | undefined;
  let ringback: ToneSource | undefined;
  let soundedTicks = 0;
  let prompt: SpokenPrompt | undefined;
  let promptTicks = 0;

  /** Runs what may throw: the recording ends by it, and the call goes on. */
  const guarded = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      isOver = true;
      sink = undefined;
      onFault(error);
    }
  };

  const begin = (tick: number): RecordingSink => {
    const begun = recorder.begin({ ...call, startMs: atMs(), startTick: tick }, onState);
    sink = begun;
    if (ringback !== undefined) begun.mark({ type: 'ringback', tick, soundedTicks });
    if (prompt !== undefined) begun.mark({ type: 'prompt', tick, clip: prompt.clip, soundedTicks: promptTicks });
    return begun;
  };

  const followLine = (party: Party, isOpen: boolean, tick: number): void => {
    if (isOpen === heard[party] >= 0) return;
    heard[party] = isOpen ? 0 : -1;
    sink?.mark({ type: 'line', tick, party, isOpen });
  };

  const tap: RecordingTap = {
    tick: (tick, spoken, lines) => {
      nextTick = tick + 1;
      if (!isOver) guarded(() => record(tick, spoken, lines));
    },
    toneInto: (hearer, mix) => {
      const at = heard[hearer];
      const part = at < 0 ? undefined : clip[at];
      if (part === undefined) return;
      heard[hearer] = at + 1;
      mixer.mixInto(mix, [mix, part]);
    },
    skipped: (tick, ticks) => {
      nextTick = tick + ticks;
      if (sink !== undefined) guarded(() => sink?.mark({ type: 'gap', tick, ticks, cause: 'stall' }));
    },
    end: () => {
      if (isOver) return;
      isOver = true;
      guarded(() => sink?.end(nextTick));
    },
  };

  function record(tick: number, spoken: Parameters<ConferenceTap['tick']>[1], lines: TappedLines): void {
    if (lines.ringback !== ringback) {
      ringback = lines.ringback;
      soundedTicks = 0;
      if (ringback !== undefined) sink?.mark({ type: 'ringback', tick, soundedTicks });
    }
    if (lines.prompt !== prompt) {
      ({ prompt } = lines);
      promptTicks = 0;
      sink?.mark({ type: 'prompt', tick, clip: prompt?.clip, soundedTicks: 0 });
    }
    if (sink === undefined && (lines.callerOpen || lines.calleeOpen)) sink = begin(tick);
    if (ringback !== undefined) soundedTicks++;
    if (prompt !== undefined) promptTicks++;
    if (sink === undefined) return;
    if (lines.matrix !== matrix) {
      matrix = lines.matrix;
      sink.mark({ type: 'matrix', tick, matrix });
    }
    followLine('caller', lines.callerOpen, tick);
    followLine('callee', lines.calleeOpen, tick);
    sink.write(tick, spoken);
  }

  return tap;
}

function splitClip(clip: Int16Array | undefined): readonly Int16Array[] {
  const ticks = (clip?.length ?? 0) / busTickSamples;
  return Array.from({ length: ticks }, (_, i) =>
    (clip as Int16Array).subarray(i * busTickSamples, (i + 1) * busTickSamples),
  );
}
