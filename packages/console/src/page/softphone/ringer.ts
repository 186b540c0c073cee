const lowHz = 660;
const highHz = 880;
/** The two tones take turns this fast. */
const turnMs = 60;
const ringS = 1;
const pauseS = 2;
const gain = 0.12;
const fadeS = 0.01;

/** Rings at the speaker: two tones in turn for a second, then two seconds of pause. */
export interface Ringer {
  start(): void;
  stop(): void;
}

/** Makes a silent ringer. */
export function createRinger(context: BaseAudioContext): Ringer {
  let buffer: AudioBuffer | undefined;
  let ringing: { readonly source: AudioBufferSourceNode; readonly volume: GainNode } | undefined;

  const start = (): void => {
    if (ringing !== undefined) return;
    buffer ??= melody(context);
    const source = new AudioBufferSourceNode(context, { buffer, loop: true });
    const volume = new GainNode(context, { gain });
    source.connect(volume).connect(context.destination);
    source.start();
    ringing = { source, volume };
  };

  const stop = (): void => {
    if (ringing === undefined) return;
    const { source, volume } = ringing;
    ringing = undefined;
    volume.gain.setTargetAtTime(0, context.currentTime, fadeS / 3);
    source.stop(context.currentTime + 2 * fadeS);
    source.addEventListener('ended', () => volume.disconnect());
  };

  return { start, stop };
}

function melody(context: BaseAudioContext): AudioBuffer {
  const { sampleRate } = context;
  const buffer = context.createBuffer(1, Math.round((ringS + pauseS) * sampleRate), sampleRate);
  const samples = buffer.getChannelData(0);
  const ringSamples = ringS * sampleRate;
  const fadeSamples = fadeS * sampleRate;
  let phase = 0;
  for (let i = 0; i < ringSamples; i++) {
    const isHigh = Math.floor((i * 1000) / sampleRate / turnMs) % 2 === 1;
    phase += ((isHigh ? highHz : lowHz) * 2 * Math.PI) / sampleRate;
    const edge = Math.min(1, i / fadeSamples, (ringSamples - i) / fadeSamples);
    samples[i] = Math.sin(phase) * edge;
  }
  return buffer;
}
