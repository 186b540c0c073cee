import type { PageMedia } from './page-media.ts';
import type { MicrophoneState } from './softphone.ts';

/** The microphone of one phone: asked for, changed and released. */
export interface Microphone {
  readonly state: MicrophoneState;
  /** Asks for a microphone, in place of the one at hand; '' is the browser's choice. Never rejects. */
  open(wish: MicrophoneWish): Promise<void>;
  /** Releases it. */
  close(): void;
}

/** Which microphone, and how its sound is treated. */
export interface MicrophoneWish {
  readonly deviceId: string;
  readonly voiceProcessing: boolean;
}

/** What a microphone is made of. */
export interface MicrophoneOptions {
  /** `undefined` in pages that are not served securely. */
  readonly media: Pick<PageMedia, 'getUserMedia'> | undefined;
  readonly changed: (state: MicrophoneState) => void;
  /** Gets each stream in turn; `undefined` when there is none any more. */
  readonly use: (stream: MediaStream | undefined) => void;
}

const insecure = 'This page is not served securely: open it at localhost or over https to use a microphone.';
const unplugged = 'The microphone was unplugged; plug one in, or choose another.';

/** Makes a microphone that is off. */
export function createMicrophone({ media, changed, use }: MicrophoneOptions): Microphone {
  let state: MicrophoneState = { name: 'off' };
  let stream: MediaStream | undefined;
  /** Of the question at hand; the answer to an older one is given back. */
  let turn = 0;

  const become = (next: MicrophoneState): void => {
    state = next;
    changed(next);
  };

  const release = (): void => {
    turn += 1;
    const last = stream;
    stream = undefined;
    if (last === undefined) return;
    use(undefined);
    stopTracks(last);
  };

  const take = (taken: MediaStream, wish: MicrophoneWish): void => {
    const [track] = taken.getAudioTracks();
    if (track === undefined) {
      become({ name: 'missing', problem: 'No microphone was found; plug one in.' });
      return;
    }
    stream = taken;
    track.addEventListener('ended', () => {
      if (stream !== taken) return;
      release();
      become({ name: 'missing', problem: unplugged });
      // Another one takes over, if there is one.
      void open({ ...wish, deviceId: '' }, unplugged);
    });
    use(taken);
    become({ name: 'on', deviceId: track.getSettings().deviceId ?? wish.deviceId, label: track.label });
  };

  const open = async (wish: MicrophoneWish, problem?: string): Promise<void> => {
    release();
    if (media === undefined) {
      become({ name: 'failed', problem: insecure });
      return;
    }
    const myTurn = turn;
    become({ name: 'asking' });
    try {
      const taken = await ask(media, wish);
      if (turn === myTurn) take(taken, wish);
      else stopTracks(taken);
    } catch (error) {
      if (turn !== myTurn) return;
      release();
      become(problemOf(error, problem));
    }
  };

  return {
    get state() {
      return state;
    },
    open: (wish) => open(wish),
    close: () => {
      release();
      if (state.name !== 'off') become({ name: 'off' });
    },
  };
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

async function ask(media: Pick<PageMedia, 'getUserMedia'>, wish: MicrophoneWish): Promise<MediaStream> {
  const { deviceId, voiceProcessing } = wish;
  const audio: MediaTrackConstraints = {
    channelCount: 1,
    echoCancellation: voiceProcessing,
    noiseSuppression: voiceProcessing,
    autoGainControl: voiceProcessing,
  };
  if (deviceId === '') return media.getUserMedia({ audio });
  try {
    return await media.getUserMedia({ audio: { ...audio, deviceId: { exact: deviceId } } });
  } catch (error) {
    // The chosen one is not there today.
    if (nameOf(error) === 'OverconstrainedError' || nameOf(error) === 'NotFoundError') {
      return media.getUserMedia({ audio });
    }
    throw error;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : '';
}

function problemOf(error: unknown, known?: string): MicrophoneState {
  switch (nameOf(error)) {
    case 'NotAllowedError':
    case 'SecurityError':
      return {
        name: 'refused',
        problem: 'The microphone is not allowed: allow it beside the address of this page, then ask again.',
      };
    case 'NotFoundError':
    case 'OverconstrainedError':
      return { name: 'missing', problem: known ?? 'No microphone was found; plug one in.' };
    case 'NotReadableError':
    case 'AbortError':
      return {
        name: 'failed',
        problem: 'The microphone gives no sound: close what else uses it, then ask again.',
      };
    default:
      return { name: 'failed', problem: `The microphone failed (${nameOf(error) || 'unknown'}); ask again.` };
  }
}
