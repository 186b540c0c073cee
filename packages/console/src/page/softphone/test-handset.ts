import { speech } from '@agentao/audio/speech';
import { type Handset, HandsetError, type HandsetOptions, type OpenHandset } from './handset.ts';

/** A handset without sound, in the hands of a test. */
export interface TestHandset {
  readonly options: HandsetOptions;
  /** Its end of the way of the audio. */
  readonly port: MessagePort;
  /** What it was told, in order: `mute true`, `ring false`, `key 5`, `close`. */
  readonly orders: readonly string[];
  readonly microphone: MediaStream | undefined;
  readonly speakerId: string;
}

/** The handsets that a phone has opened. */
export interface TestHandsets {
  readonly all: readonly TestHandset[];
  /** The newest one; throws if there is none. */
  readonly last: TestHandset;
  readonly open: OpenHandset;
  failure: HandsetError['code'] | undefined;
  /** Speakers that are there beside the browser's choice. */
  readonly speakers: Set<string>;
}

/** Makes handsets that open at once. */
export function createTestHandsets(): TestHandsets {
  const all: TestHandset[] = [];
  const speakers = new Set<string>();

  const open: OpenHandset = async (options) => {
    if (handsets.failure !== undefined) throw new HandsetError(handsets.failure, 'no');
    const orders: string[] = [];
    const note =
      (name: string) =>
      (...values: readonly unknown[]): void =>
        void orders.push([name, ...values].join(' '));
    const port = new EventTarget() as MessagePort;
    const test = { options, port, orders, microphone: undefined as MediaStream | undefined, speakerId: '' };
    all.push(test);
    const handset: Handset = {
      outputDelayMs: 51,
      port,
      mute: note('mute'),
      say: (samples) => void orders.push(`say ${speech.decode(samples, { sampleRateHz: 24_000 })}`),
      useMicrophone: (stream) => {
        test.microphone = stream;
      },
      useSpeaker: async (deviceId) => {
        if (deviceId !== '' && !speakers.has(deviceId)) throw new DOMException('no such device', 'NotFoundError');
        test.speakerId = deviceId;
      },
      ring: note('ring'),
      key: note('key'),
      close: note('close'),
    };
    return handset;
  };

  const handsets: TestHandsets = {
    all,
    get last() {
      const last = all.at(-1);
      if (last === undefined) throw new Error('the phone has opened no handset');
      return last;
    },
    open,
    failure: undefined,
    speakers,
  };
  return handsets;
}
