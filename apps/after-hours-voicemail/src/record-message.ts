import { encodeWav } from '@agentao/audio';
import { type ActiveCall, type AudioChunk, events, voiceActivity } from '@agentao/calls';
import { sleep } from '@agentao/clock';

/** What somebody said, without the silence before and after it. */
export interface RecordedMessage {
  /** When it began, as Unix milliseconds. */
  readonly atMs: number;
  readonly durationMs: number;
  readonly wav: Uint8Array;
}

const longestMs = 120_000;
/** Nobody has begun to speak. */
const patienceMs = 8_000;
/** The end of a message. */
const silenceMs = 3_000;
const endKey = '#';
/** So much is kept before the first word and after the last. */
const marginMs = 350;
/** Before anybody speaks this is kept: a voice is known a little after it has begun. */
const lookBackMs = 1_000;

/** Listens to the caller of a call, so that a message can begin in the middle of a word. */
export interface MessageRecorder {
  /** Until the caller does not speak, eight seconds at most. */
  quiet(): Promise<void>;
  /**
   * What the caller says from now on, or has begun to say, until they press `#`, have been silent for three seconds, hang up, or two minutes have gone.
   * `undefined` where nothing was said. A caller who hangs up has left what was said until then.
   */
  message(): Promise<RecordedMessage | undefined>;
}

/** Begins to listen; nothing is kept before `message`. */
export function createMessageRecorder(call: ActiveCall): MessageRecorder {
  const { clock, sampleRateHz } = call;
  const samplesOf = (ms: number): number => (ms * sampleRateHz) / 1000;
  let chunks: AudioChunk[] = [];
  let recording = false;
  let speaking = false;
  /** Of the message, or of what is being said before it. Positions are those of the call's audio. */
  let begin: { readonly position: number; readonly atMs: number } | undefined;
  let lastWordEnd = 0;
  let spokenMs = 0;
  const audio = call.audio$({ party: 'caller' });
  const hearing = audio.subscribe((chunk) => {
    chunks.push(chunk);
    if (begin === undefined) chunks = between(chunks, chunk.positionSamples - samplesOf(lookBackMs));
  });
  const activity = audio.pipe(voiceActivity()).subscribe(({ type, positionSamples }) => {
    speaking = type === 'start';
    spokenMs = clock.now();
    if (speaking) begin ??= { position: positionSamples, atMs: clock.wallTime() };
    else if (recording) lastWordEnd = positionSamples;
    else begin = undefined;
  });

  const until = async (isOver: (waitedMs: number) => boolean): Promise<void> => {
    const startMs = clock.now();
    while (!call.signal.aborted && !isOver(clock.now() - startMs)) {
      await sleep(clock, 100, { signal: call.signal }).catch(() => {});
    }
  };

  return {
    quiet: () => until((waitedMs) => !speaking || waitedMs > patienceMs),
    message: async () => {
      recording = true;
      let keyPressed = false;
      const ignoreKeys = call.on(events.CALL_DTMF, ({ digit }) => (keyPressed ||= digit === endKey));
      await until((waitedMs) => {
        if (keyPressed || waitedMs > longestMs) return true;
        if (speaking) return false;
        return begin === undefined ? waitedMs > patienceMs : clock.now() - spokenMs > silenceMs;
      });
      ignoreKeys();
      hearing.unsubscribe();
      activity.unsubscribe();
      if (begin === undefined) return undefined;
      const end = speaking ? Number.POSITIVE_INFINITY : lastWordEnd + samplesOf(marginMs);
      const samples = joined(between(chunks, begin.position - samplesOf(marginMs), end));
      const durationMs = Math.round((samples.length * 1000) / sampleRateHz);
      return { atMs: begin.atMs, durationMs, wav: encodeWav(samples, { sampleRateHz }) };
    },
  };
}

/** The chunks of which something lies there. */
function between(chunks: readonly AudioChunk[], start: number, end: number = Number.POSITIVE_INFINITY): AudioChunk[] {
  return chunks.filter(({ positionSamples: at, samples }) => at + samples.length > start && at < end);
}

function joined(chunks: readonly AudioChunk[]): Int16Array {
  const samples = new Int16Array(chunks.reduce((sum, chunk) => sum + chunk.samples.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    samples.set(chunk.samples, at);
    at += chunk.samples.length;
  }
  return samples;
}
