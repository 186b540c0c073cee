import { encodeWav, levelDb } from '@agentao/audio';
import { type ActiveCall, voiceActivity } from '@agentao/calls';
import { sleep } from '@agentao/clock';

/** What somebody said after the tone. */
export interface RecordedMessage {
  readonly atMs: number;
  readonly durationMs: number;
  readonly wav: Uint8Array;
}

const longestMs = 120_000;
/** Nobody has begun to speak. */
const patienceMs = 8_000;
/** The end of a message. */
const silenceMs = 3_000;
const silentDb = -55;
const lookBackMs = 400;

/** Listens to the caller of a call, so that a message can begin in the middle of a word. */
export interface MessageRecorder {
  /**
   * The message, from now on, or from where the caller has begun to speak, until they have been silent for three seconds, hang up, or have spoken for two
   * minutes. `undefined` where nothing was said. A caller who hangs up has left what was said until then.
   */
  message(): Promise<RecordedMessage | undefined>;
}

/** Begins to listen; nothing is kept before `message`. */
export function createMessageRecorder(call: ActiveCall): MessageRecorder {
  const { clock, sampleRateHz } = call;
  const samplesOf = (ms: number): number => (ms * sampleRateHz) / 1000;
  let chunks: Int16Array[] = [];
  let recording = false;
  let speaking = false;
  let spokenMs: number | undefined;
  const audio = call.audio$({ party: 'caller' });
  const hearing = audio.subscribe(({ samples }) => {
    chunks.push(samples);
    // Until it is a message, only the last moments are of use: a voice is known a little after it has begun.
    if (!recording && !speaking) chunks = lastOf(chunks, samplesOf(lookBackMs));
  });
  const activity = audio.pipe(voiceActivity()).subscribe(({ type }) => {
    speaking = type === 'start';
    spokenMs = clock.now();
  });
  const stop = (): void => {
    hearing.unsubscribe();
    activity.unsubscribe();
  };

  return {
    message: async () => {
      recording = true;
      if (!speaking) {
        chunks = [];
        spokenMs = undefined;
      }
      const atMs = clock.wallTime();
      const startMs = clock.now();
      const isOver = (): boolean => {
        const nowMs = clock.now();
        if (speaking) return nowMs - startMs > longestMs;
        return spokenMs === undefined ? nowMs - startMs > patienceMs : nowMs - spokenMs > silenceMs;
      };
      while (!call.signal.aborted && !isOver()) await sleep(clock, 100, { signal: call.signal }).catch(() => {});
      stop();
      const samples = joined(chunks);
      if (samples.length === 0 || levelDb(samples) < silentDb) return undefined;
      const durationMs = Math.round((samples.length * 1000) / sampleRateHz);
      return { atMs, durationMs, wav: encodeWav(samples, { sampleRateHz }) };
    },
  };
}

/** The last chunks that have at least so many samples. */
function lastOf(chunks: readonly Int16Array[], samples: number): Int16Array[] {
  let kept = 0;
  const from = chunks.findLastIndex(({ length }) => (kept += length) >= samples);
  return chunks.slice(Math.max(0, from));
}

function joined(chunks: readonly Int16Array[]): Int16Array {
  const samples = new Int16Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    samples.set(chunk, at);
    at += chunk.length;
  }
  return samples;
}
