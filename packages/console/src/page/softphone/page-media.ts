/** What is used of a browser's `MediaDevices`. */
export type PageMedia = Pick<MediaDevices, 'getUserMedia' | 'enumerateDevices'>;

/** The devices of the browser, and what a phone must know of them. */
export interface MediaAccess {
  /** `undefined` in a page that is not served securely. */
  readonly media: PageMedia | undefined;
  /** Whether a page may choose its speaker. */
  readonly canChooseSpeaker: boolean;
  /** Devices came or went. */
  onDevicesChanged(listener: () => void): void;
  /** The person has allowed the microphone, perhaps long after refusing it. */
  onMicrophoneAllowed(listener: () => void): void;
}

/** The devices of the browser. */
export function browserMedia(): MediaAccess {
  // The types know no page that is not served securely, and no browser that lacks one of these.
  const { mediaDevices: media, permissions } = navigator as Partial<Navigator>;
  return {
    media,
    canChooseSpeaker: typeof AudioContext !== 'undefined' && 'setSinkId' in AudioContext.prototype,
    onDevicesChanged: (listener) => media?.addEventListener('devicechange', listener),
    onMicrophoneAllowed: (listener) => {
      permissions?.query({ name: 'microphone' }).then(
        (status) => {
          status.addEventListener('change', () => {
            if (status.state === 'granted') listener();
          });
        },
        // A browser that does not tell: the person asks again.
        () => undefined,
      );
    },
  };
}
