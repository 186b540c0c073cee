import { speech } from '@agentao/audio/speech';
import { limits } from '@agentao/protocol';
import { lineRateHz } from '../../worklet/handset-messages.ts';
import { createBrowserRelay } from '../relay/browser-relay.ts';
import type { CreateRelay } from '../relay/relay.ts';
import type { AudioFlow } from '../relay/relay-messages.ts';
import type { Door } from '../session/session.ts';
import { browserPageLife, type PageLife } from '../socket/page-life.ts';
import { browserTime, type PageTime } from '../socket/page-time.ts';
import { createSnapshotStore, sameFields } from '../store/snapshot-store.ts';
import { openBrowserHandset } from './browser-handset.ts';
import { type Handset, HandsetError, type OpenHandset, silentLevels } from './handset.ts';
import { createHeldKey } from './held-key.ts';
import { createPhoneDevices } from './phone-devices.ts';
import { createPhoneLine, type LineSound } from './phone-line.ts';
import { browserStorage, createSettingsMemory, type PageStorage, type PhoneSettings } from './phone-settings.ts';
import { browserMedia, type MediaAccess } from './page-media.ts';
import type { Softphone, SoftphoneState } from './softphone.ts';

/** Whose phone it is, and the parts of the browser that it uses; the browser's own unless given. */
export interface CreateSoftphoneOptions {
  readonly door: Door;
  /** The number of a first visit; later ones begin with the last one. */
  readonly number: string;
  /** Under which the phone remembers its settings. */
  readonly name: 'caller' | 'callee';
  readonly time?: PageTime;
  readonly pageLife?: PageLife;
  readonly createRelay?: CreateRelay;
  readonly openHandset?: OpenHandset;
  readonly access?: MediaAccess;
  readonly storage?: PageStorage;
  readonly random?: () => number;
}

const flows = { silent: 'none', rings: 'none', plays: 'heard', talks: 'both' } as const satisfies Record<
  LineSound,
  AudioFlow
>;
const keptDigits = 32;
/** Sound that fails sooner than this would fail again. */
const worthwhileMs = 10_000;
const insecure = 'This page is not served securely: open it at localhost or over https to use a phone.';
const noSound = 'This page gets no sound from the browser: allow it, then plug in again.';
const soundFailed = 'The sound of this page has failed; plug in again.';
const signedOut = 'The session is over; sign in again.';

/** Makes an unplugged softphone. */
export function createSoftphone(options: CreateSoftphoneOptions): Softphone {
  const { door, name, number, time = browserTime, pageLife = browserPageLife, random = Math.random } = options;
  const { openHandset = openBrowserHandset, createRelay = createBrowserRelay } = options;
  const first = { number, microphoneId: '', speakerId: '', voiceProcessing: true, muted: false };
  const memory = createSettingsMemory(`agentao.softphone.${name}`, first, options.storage ?? browserStorage());
  const store = createSnapshotStore<SoftphoneState>({
    ...memory.load(),
    line: { name: 'unplugged' },
    microphone: { name: 'off' },
    microphones: [],
    speakers: [],
    heardDigits: '',
  });
  let levels = silentLevels;
  let sound: LineSound = 'silent';
  let handset: Handset | undefined;
  let pluggedIn = false;
  /** Of the plugging in at hand: a handset that opens after an unplugging is closed again. */
  let turn = 0;
  let openedMs = 0;
  let returns = false;

  const remember = (fields: Partial<PhoneSettings>): void => {
    store.patch(fields);
    memory.save(store.state);
  };

  const relay = createRelay({ failed: () => line.stop(soundFailed) });

  const line = createPhoneLine({
    door,
    time,
    open: relay.open,
    random,
    changed: () => {
      const { state } = line;
      const before = store.state.line;
      followSound(line.sound);
      const isNewCall = state.name !== before.name && (state.name === 'dialing' || state.name === 'ringing');
      store.patch({ line: sameFields(before, state) ? before : state, ...(isNewCall && { heardDigits: '' }) });
      if (state.name === 'unplugged' && pluggedIn) release();
    },
    digit: (digit) => store.patch({ heardDigits: (store.state.heardDigits + digit).slice(-keptDigits) }),
  });

  const devices = createPhoneDevices({
    access: options.access ?? browserMedia(),
    state: () => store.state,
    patch: store.patch,
  });

  const key = createHeldKey({
    time,
    sound: (pressed) => handset?.key(pressed),
    pressed: line.sendKey,
  });

  const followSound = (next: LineSound): void => {
    if (next === sound) return;
    sound = next;
    if (next !== 'talks') key.drop();
    handset?.ring(next === 'rings');
    relay.setFlow(flows[next]);
  };

  const dropSound = (): void => {
    key.drop();
    devices.close();
    handset?.close();
    handset = undefined;
    levels = silentLevels;
  };

  /** The line is down already. */
  const release = (): void => {
    turn += 1;
    pluggedIn = false;
    dropSound();
  };

  const openSound = (): Promise<Handset> =>
    openHandset({
      onLevels: (next) => {
        levels = next;
        // Comes on time also in a hidden tab, where timers are late.
        line.look();
      },
      onFailed: () => void replaceSound(),
    });

  const useSound = (opened: Handset): void => {
    handset = opened;
    openedMs = time.now();
    opened.mute(store.state.muted);
    opened.ring(sound === 'rings');
    relay.join(opened.port);
    devices.open(opened);
  };

  /** The line goes on while the sound is made anew, unless it lasted too short a time to be worth it. */
  const replaceSound = async (): Promise<void> => {
    const myTurn = turn;
    dropSound();
    const opened = time.now() - openedMs < worthwhileMs ? undefined : await openSound().catch(() => undefined);
    if (turn !== myTurn) opened?.close();
    else if (opened === undefined) line.stop(soundFailed);
    else useSound(opened);
  };

  const plugIn = async (): Promise<void> => {
    if (pluggedIn) {
      line.wake();
      return;
    }
    pluggedIn = true;
    turn += 1;
    const myTurn = turn;
    store.patch({ line: { name: 'connecting', attempt: 1 } });
    let opened: Handset;
    try {
      opened = await openSound();
    } catch (error) {
      const isInsecure = error instanceof HandsetError && error.code === 'INSECURE';
      if (turn === myTurn) line.stop(isInsecure ? insecure : noSound);
      return;
    }
    if (turn !== myTurn) {
      opened.close();
      return;
    }
    useSound(opened);
    line.start({ number: store.state.number, outputDelayMs: () => handset?.outputDelayMs ?? 0 });
  };

  pageLife.onLeave(() => {
    returns = pluggedIn;
    line.stop();
  });
  pageLife.onReturn(() => {
    if (returns) void plugIn();
  });
  pageLife.onWake(line.wake);
  door.subscribe(() => {
    if (door.state.name === 'signed-out' && pluggedIn) line.stop(signedOut);
  });

  return {
    get state() {
      return store.state;
    },
    subscribe: store.subscribe,
    get levels() {
      return levels;
    },
    plugIn,
    unplug: () => line.stop(),
    setNumber: (text) => {
      const wanted = cleanNumber(text);
      if (store.state.line.name === 'unplugged' && wanted !== '') remember({ number: wanted });
    },
    dial: (to) => {
      const wanted = cleanNumber(to);
      if (wanted !== '') line.dial(wanted);
    },
    answer: line.answer,
    reject: line.reject,
    hangUp: line.hangUp,
    press: (pressed) => {
      if (sound === 'talks') key.press(pressed);
    },
    release: key.release,
    say: (text) => {
      if (sound === 'talks') handset?.say(spoken(text, name));
    },
    setMuted: (muted) => {
      remember({ muted });
      handset?.mute(muted);
    },
    setVoiceProcessing: async (voiceProcessing) => {
      if (voiceProcessing === store.state.voiceProcessing) return;
      remember({ voiceProcessing });
      await devices.reopenMicrophone();
    },
    chooseMicrophone: async (microphoneId) => {
      remember({ microphoneId });
      await devices.reopenMicrophone();
    },
    chooseSpeaker: async (speakerId) => {
      if (await devices.takeSpeaker(speakerId)) remember({ speakerId });
    },
  };
}

/** Each phone has a voice of its own, so that a mix of both can be understood. */
function spoken(text: string, name: CreateSoftphoneOptions['name']): Int16Array<ArrayBuffer> {
  const band = name === 'caller' ? 'low' : 'middle';
  return new Int16Array(speech.encode(text, { sampleRateHz: lineRateHz, band }));
}

/** A number as the protocol takes it: no control characters, not too long. */
function cleanNumber(text: string): string {
  return text
    .replaceAll(/\p{Cc}/gu, '')
    .trim()
    .slice(0, limits.numberLength);
}
