import { keepSame, listDevices } from './audio-devices.ts';
import type { Handset } from './handset.ts';
import { createMicrophone } from './microphone.ts';
import type { MediaAccess } from './page-media.ts';
import type { SoftphoneState } from './softphone.ts';

/** Microphone and speaker of one phone: what is wished, what is there, and what comes and goes. */
export interface PhoneDevices {
  /** Connects a handset: the wished speaker, and a microphone as soon as it is allowed. */
  open(handset: Handset): void;
  /** Releases the microphone and forgets the handset. */
  close(): void;
  /** Asks for the wished microphone anew, while open. Never rejects. */
  reopenMicrophone(): Promise<void>;
  /** False where that speaker cannot be had. */
  takeSpeaker(deviceId: string): Promise<boolean>;
}

/** What devices are managed with. */
export interface PhoneDevicesOptions {
  readonly access: MediaAccess;
  /** The wishes are read here, */
  readonly state: () => SoftphoneState;
  /** and what is found is put here. */
  readonly patch: (fields: Partial<Pick<SoftphoneState, 'microphone' | 'microphones' | 'speakers'>>) => void;
}

/** Makes devices that are closed; lists what is there. */
export function createPhoneDevices({ access, state, patch }: PhoneDevicesOptions): PhoneDevices {
  const { media, canChooseSpeaker } = access;
  let handset: Handset | undefined;
  let speakerInUse = '';

  const microphone = createMicrophone({
    media,
    changed: (next) => {
      patch({ microphone: next });
      // Only now the browser tells of names.
      if (next.name === 'on') void list();
    },
    use: (stream) => handset?.useMicrophone(stream),
  });

  const list = async (): Promise<void> => {
    const found = await listDevices(media, canChooseSpeaker);
    patch({
      microphones: keepSame(state().microphones, found.microphones),
      speakers: keepSame(state().speakers, found.speakers),
    });
  };

  const reopenMicrophone = async (): Promise<void> => {
    const { microphoneId: deviceId, voiceProcessing } = state();
    if (handset !== undefined) await microphone.open({ deviceId, voiceProcessing });
  };

  const takeSpeaker = async (deviceId: string): Promise<boolean> => {
    if (handset === undefined || deviceId === speakerInUse) return true;
    try {
      await handset.useSpeaker(deviceId);
      speakerInUse = deviceId;
      return true;
    } catch {
      // The one in use goes on.
      return false;
    }
  };

  /** Whether the microphone is wanted: there is none, or not the wished one, which is there now. */
  const wantsMicrophone = (): boolean => {
    const { microphone: now, microphones, microphoneId } = state();
    if (now.name === 'missing' || now.name === 'failed') return microphones.length > 0;
    if (now.name !== 'on' || microphoneId === '' || now.deviceId === microphoneId) return false;
    return microphones.some(({ deviceId }) => deviceId === microphoneId);
  };

  const devicesChanged = async (): Promise<void> => {
    await list();
    if (handset === undefined) return;
    if (wantsMicrophone()) void reopenMicrophone();
    const { speakers, speakerId } = state();
    await takeSpeaker(speakers.some(({ deviceId }) => deviceId === speakerId) ? speakerId : '');
  };

  access.onDevicesChanged(() => void devicesChanged());
  access.onMicrophoneAllowed(() => {
    if (microphone.state.name === 'refused') void reopenMicrophone();
  });
  void list();

  return {
    open: (opened) => {
      handset = opened;
      speakerInUse = '';
      void takeSpeaker(state().speakerId);
      void reopenMicrophone();
    },
    close: () => {
      microphone.close();
      handset = undefined;
    },
    reopenMicrophone,
    takeSpeaker,
  };
}
