import { silenceDb } from '@agentao/audio';
import type { SoftphoneLevels } from './softphone.ts';

/** The sound of one phone: microphone, speaker, ringer, tones of the keys. */
export interface Handset {
  /** From a sample of the line to the ear, as far as known. */
  readonly outputDelayMs: number;
  /** The way of the audio, for who has the line; speaks `LineOrder` and `LineReport` of `handset-messages.ts`. To be taken once. */
  readonly port: MessagePort;
  mute(on: boolean): void;
  /** Says this at 24,000 Hz in place of the microphone; the samples are the handset's from then on. */
  say(samples: Int16Array<ArrayBuffer>): void;
  useMicrophone(stream: MediaStream | undefined): void;
  /** '' is the browser's choice. Rejects where the device is not there, or no page may choose. */
  useSpeaker(deviceId: string): Promise<void>;
  ring(on: boolean): void;
  /** Sounds a key until another one, or `undefined`. */
  key(key: string | undefined): void;
  close(): void;
}

/** Whom a handset tells. */
export interface HandsetOptions {
  /** Every 60 ms by the clock of the sound device, which no hidden tab slows down. */
  readonly onLevels: (levels: SoftphoneLevels) => void;
  /** The handset is of no use any more. */
  readonly onFailed: () => void;
}

/** Makes a handset; within a click, or the browser keeps the sound off until the next one. Rejects with {@link HandsetError}. */
export type OpenHandset = (options: HandsetOptions) => Promise<Handset>;

/** Levels where nothing is said and nothing is heard. */
export const silentLevels: SoftphoneLevels = { spokenDb: silenceDb, heardDb: silenceDb };

/** Why there can be no sound. */
export class HandsetError extends Error {
  override readonly name = 'HandsetError';
  readonly code: 'INSECURE' | 'NO_SOUND';

  constructor(code: HandsetError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
