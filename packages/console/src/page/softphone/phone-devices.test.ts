import { describe, expect, it } from 'vitest';
import { createSnapshotStore, type SnapshotStore } from '../store/snapshot-store.ts';
import { createPhoneDevices, type PhoneDevices } from './phone-devices.ts';
import type { Handset } from './handset.ts';
import type { SoftphoneState } from './softphone.ts';
import { createTestHandsets, type TestHandsets } from './test-handset.ts';
import { createTestMedia, testDevice, type TestMedia } from './test-media.ts';

interface Bench {
  readonly media: TestMedia;
  readonly handsets: TestHandsets;
  readonly devices: PhoneDevices;
  readonly store: SnapshotStore<SoftphoneState>;
  readonly handset: Handset;
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 30; i++) await Promise.resolve();
};

async function createBench(
  options: { readonly media?: TestMedia; readonly state?: Partial<SoftphoneState> } = {},
): Promise<Bench> {
  const { media = createTestMedia() } = options;
  const handsets = createTestHandsets();
  const store = createSnapshotStore<SoftphoneState>({
    number: '+1',
    line: { name: 'unplugged' },
    microphone: { name: 'off' },
    muted: false,
    voiceProcessing: true,
    microphones: [],
    speakers: [],
    microphoneId: '',
    speakerId: '',
    heardDigits: '',
    ...options.state,
  });
  const devices = createPhoneDevices({ access: media.access, state: () => store.state, patch: store.patch });
  const handset = await handsets.open({ onLevels: () => {}, onFailed: () => {} });
  await settle();
  return { media, handsets, devices, store, handset };
}

async function openBench(options: Parameters<typeof createBench>[0] = {}): Promise<Bench> {
  const bench = await createBench(options);
  bench.devices.open(bench.handset);
  await settle();
  return bench;
}

describe('devices of a phone', () => {
  it('asks for a microphone, and goes on while the person has not answered', async () => {
    const media = createTestMedia();
    media.asks = true;
    const { store, handsets } = await openBench({ media });
    expect(store.state.microphone).toEqual({ name: 'asking' });
    expect(handsets.last.microphone).toBeUndefined();
    media.answer();
    await settle();
    expect(store.state.microphone.name).toBe('on');
    expect(handsets.last.microphone).toBeDefined();
  });

  it.each([
    ['NotAllowedError', 'refused', 'allow it beside the address'],
    ['SecurityError', 'refused', 'allow it beside the address'],
    ['NotFoundError', 'missing', 'plug one in'],
    ['NotReadableError', 'failed', 'close what else uses it'],
    ['AbortError', 'failed', 'close what else uses it'],
    ['SomethingElse', 'failed', '(SomethingElse)'],
  ])('says what to do about %s', async (failure, name, problem) => {
    const media = createTestMedia();
    media.failure = failure;
    const { store, devices } = await openBench({ media });
    expect(store.state.microphone).toMatchObject({ name, problem: expect.stringContaining(problem) });
    media.failure = undefined;
    await devices.reopenMicrophone();
    expect(store.state.microphone.name).toBe('on');
  });

  it('says so where the page is not served securely', async () => {
    const { store } = await openBench({ media: createTestMedia({ secure: false }) });
    expect(store.state.microphone).toMatchObject({ name: 'failed', problem: expect.stringContaining('https') });
    expect([store.state.microphones, store.state.speakers]).toEqual([[], []]);
  });

  it('asks again by itself once the person has allowed it after all', async () => {
    const media = createTestMedia();
    media.failure = 'NotAllowedError';
    const { store } = await openBench({ media });
    media.failure = undefined;
    media.allowMicrophone();
    await settle();
    expect(store.state.microphone.name).toBe('on');
    media.allowMicrophone();
    await settle();
    expect(media.streams).toHaveLength(1);
  });

  it('goes on with another microphone when the one in use is unplugged', async () => {
    const { media, store, handsets } = await openBench();
    media.streams[0]?.unplugDevice();
    expect(handsets.last.microphone).toBeUndefined();
    await settle();
    expect(store.state.microphone.name).toBe('on');
    expect(handsets.last.microphone).toBe(media.streams[1]?.stream);
  });

  it('goes on without one when the last microphone is unplugged, and takes the next that comes', async () => {
    const { media, store, handsets } = await openBench();
    media.failure = 'NotFoundError';
    media.streams[0]?.unplugDevice();
    await settle();
    expect(store.state.microphone).toMatchObject({ name: 'missing', problem: expect.stringContaining('unplugged') });
    expect(handsets.last.microphone).toBeUndefined();
    media.setDevices([]);
    await settle();
    expect(store.state.microphone.name).toBe('missing');
    media.failure = undefined;
    media.setDevices([testDevice('audioinput', 'usb', 'USB')]);
    await settle();
    expect(store.state.microphone.name).toBe('on');
  });

  it('takes the default where the wished microphone is not there, and the wished one when it comes', async () => {
    const media = createTestMedia();
    media.setDevices([testDevice('audioinput', 'built-in')]);
    const { store } = await openBench({ media, state: { microphoneId: 'usb' } });
    expect(store.state.microphone).toMatchObject({ name: 'on', deviceId: 'default' });
    media.setDevices([testDevice('audioinput', 'built-in'), testDevice('audioinput', 'usb')]);
    await settle();
    expect(store.state.microphone).toMatchObject({ name: 'on', deviceId: 'usb' });
    expect(media.streams.map(({ released }) => released)).toEqual([true, false]);
  });

  it('gives back what it was given too late', async () => {
    const media = createTestMedia();
    media.asks = true;
    const { devices, store } = await openBench({ media });
    devices.close();
    media.answer();
    await settle();
    expect(store.state.microphone).toEqual({ name: 'off' });
    expect(media.streams.map(({ released }) => released)).toEqual([true]);
  });

  it('keeps only the newest of two questions', async () => {
    const media = createTestMedia();
    media.asks = true;
    const { devices, handsets } = await openBench({ media });
    void devices.reopenMicrophone();
    media.answer();
    await settle();
    expect(media.streams.map(({ released }) => released)).toEqual([true, false]);
    expect(handsets.last.microphone).toBe(media.streams[1]?.stream);
  });

  it('releases the microphone of which the handset can make nothing', async () => {
    const { media, store, devices, handset } = await createBench();
    handset.useMicrophone = (stream) => {
      if (stream !== undefined) throw new DOMException('another rate', 'NotSupportedError');
    };
    devices.open(handset);
    await settle();
    expect(store.state.microphone).toMatchObject({
      name: 'failed',
      problem: expect.stringContaining('NotSupportedError'),
    });
    expect(media.streams.map(({ released }) => released)).toEqual([true]);
  });

  it('lists devices by their names, without those that the browser hides, the same list while nothing changes', async () => {
    const media = createTestMedia();
    media.setDevices([testDevice('audioinput', ''), testDevice('videoinput', 'camera')]);
    const { store } = await createBench({ media });
    expect(store.state.microphones).toEqual([]);
    media.setDevices([
      testDevice('audioinput', 'a', 'Built-in'),
      testDevice('audioinput', 'b'),
      testDevice('audiooutput', 'c', 'Headphones'),
    ]);
    await settle();
    const { microphones, speakers } = store.state;
    expect(microphones).toEqual([
      { deviceId: 'a', label: 'Built-in' },
      { deviceId: 'b', label: 'Microphone 2' },
    ]);
    expect(speakers).toEqual([{ deviceId: 'c', label: 'Headphones' }]);
    const before = store.state;
    media.setDevices([...((await media.access.media?.enumerateDevices()) ?? [])]);
    await settle();
    expect(store.state).toBe(before);
  });

  it('offers no speakers where a page may not choose', async () => {
    const media = createTestMedia({ canChooseSpeaker: false });
    media.setDevices([testDevice('audiooutput', 'c', 'Headphones')]);
    const { store } = await createBench({ media });
    expect(store.state.speakers).toEqual([]);
  });

  it('takes the wished speaker, falls back when it goes and takes it again when it comes', async () => {
    const media = createTestMedia();
    const headphones = testDevice('audiooutput', 'c', 'Headphones');
    media.setDevices([headphones]);
    const { handsets, devices, handset } = await createBench({ media, state: { speakerId: 'c' } });
    handsets.speakers.add('c');
    devices.open(handset);
    await settle();
    expect(handsets.last.speakerId).toBe('c');
    media.setDevices([]);
    await settle();
    expect(handsets.last.speakerId).toBe('');
    media.setDevices([headphones]);
    await settle();
    expect(handsets.last.speakerId).toBe('c');
    expect(await devices.takeSpeaker('gone')).toBe(false);
    expect(handsets.last.speakerId).toBe('c');
  });
});
