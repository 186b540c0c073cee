export { type DtmfDigit, type DtmfOptions, dtmf } from './dtmf.ts';
export { createDtmfDetector, type DtmfDetector, type DtmfDetectorOptions, type DtmfTiming } from './dtmf-detector.ts';
export { decodeAlaw, decodeUlaw, encodeAlaw, encodeUlaw } from './g711.ts';
export {
  createJitterBuffer,
  type JitterBuffer,
  type JitterBufferOptions,
  jitterDelayMs,
  type JitterStats,
} from './jitter/jitter-buffer.ts';
export {
  createLevelMeter,
  type LevelMeter,
  type LevelMeterOptions,
  levelDb,
  silenceDb,
  type WindowLevel,
} from './level.ts';
export { createMixer, type Mixer } from './mixer.ts';
export { isSampleRate, type SampleRateHz, sampleRates, toBytes, toSamples } from './pcm.ts';
export { createResampler, type Resampler, type ResamplerOptions } from './resampler.ts';
export { createRingback, type RingbackOptions } from './ringback.ts';
export { createSampleRing, type SampleRing } from './sample-ring.ts';
export { createTone, type ToneOptions, type ToneSource, tone } from './tone.ts';
export { type ToneLevelOptions, toneLevelDb } from './tone-level.ts';
export { createVoiceActivity, type VoiceActivity, type VoiceActivityOptions } from './voice-activity.ts';
export { decodeWav, encodeWav, readWav, toMono, type WavAudio } from './wav.ts';
export type { WavEncoding } from './wav-encoding.ts';
export { WavError, type WavErrorCode } from './wav-error.ts';
export type { WavHeader } from './wav-header.ts';
export { createWavReader, type WavReader, type WavReaderOptions } from './wav-reader.ts';
export { createWavWriter, type WavOptions, type WavWriter } from './wav-writer.ts';
