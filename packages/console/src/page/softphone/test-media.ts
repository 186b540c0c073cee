import type { MediaAccess } from './page-media.ts';

/** A microphone's stream whose device is in the hands of a test. */
export interface TestStream {
  readonly constraints: MediaTrackConstraints;
  readonly stream: MediaStream;
  /** Whether the page has released it. */
  readonly released: boolean;
  unplugDevice(): void;
}

/** Devices in the hands of a test. */
export interface TestMedia {
  readonly access: MediaAccess;
  /** Streams that the page was given, oldest first. */
  readonly streams: readonly TestStream[];
  /** What the next questions for a microphone are answered with: a name of a DOMException, or a stream. */
  failure: string | undefined;
  /** Whether questions wait for `answer()`. */
  asks: boolean;
  answer(): void;
  setDevices(devices: readonly MediaDeviceInfo[]): void;
  allowMicrophone(): void;
}

/** One device as a browser tells of it. */
export function testDevice(kind: MediaDeviceKind, deviceId: string, label = ''): MediaDeviceInfo {
  const info = { kind, deviceId, label, groupId: '' };
  return { ...info, toJSON: () => info };
}

/** Makes devices: nothing is connected, a microphone is given when asked for. */
export function createTestMedia(
  options: { readonly secure?: boolean; readonly canChooseSpeaker?: boolean } = {},
): TestMedia {
  const { secure = true, canChooseSpeaker = true } = options;
  const streams: TestStream[] = [];
  const changed = new Set<() => void>();
  const allowed = new Set<() => void>();
  const waiting: (() => void)[] = [];
  let devices: readonly MediaDeviceInfo[] = [];

  const give = (constraints: MediaTrackConstraints): MediaStream => {
    const exact = (constraints.deviceId as { readonly exact?: string } | undefined)?.exact;
    const deviceId = exact ?? 'default';
    if (test.failure !== undefined) throw new DOMException('no', test.failure);
    const isThere = exact === undefined || devices.some((device) => device.deviceId === exact);
    if (!isThere) throw new DOMException('no such device', 'OverconstrainedError');
    let released = false;
    const track = Object.assign(new EventTarget(), {
      label: `Microphone ${deviceId}`,
      getSettings: () => ({ deviceId }),
      stop: () => {
        released = true;
      },
    });
    const stream = { getTracks: () => [track], getAudioTracks: () => [track] } as unknown as MediaStream;
    streams.push({
      constraints,
      stream,
      get released() {
        return released;
      },
      unplugDevice: () => void track.dispatchEvent(new Event('ended')),
    });
    return stream;
  };

  const test: TestMedia = {
    streams,
    failure: undefined,
    asks: false,
    answer: () => {
      for (const go of waiting.splice(0)) go();
    },
    setDevices: (next) => {
      devices = next;
      for (const listener of changed) listener();
    },
    allowMicrophone: () => {
      for (const listener of allowed) listener();
    },
    access: {
      media: secure
        ? {
            enumerateDevices: () => Promise.resolve([...devices]),
            getUserMedia: async (wish) => {
              if (test.asks) await new Promise<void>((resolve) => waiting.push(resolve));
              return give(wish?.audio as MediaTrackConstraints);
            },
          }
        : undefined,
      canChooseSpeaker,
      onDevicesChanged: (listener) => void changed.add(listener),
      onMicrophoneAllowed: (listener) => void allowed.add(listener),
    },
  };
  return test;
}
