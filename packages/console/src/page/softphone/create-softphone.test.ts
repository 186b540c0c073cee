import type { PhoneSwitchMessage } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import type { AudioFlow } from '../relay/relay-messages.ts';
import { createTestDoor, type TestDoor } from '../session/test-door.ts';
import { createTestPageLife, type TestPageLife } from '../socket/test-page-life.ts';
import { createTestSockets, type TestSockets } from '../socket/test-socket.ts';
import { createTestTime, type TestTime } from '../socket/test-time.ts';
import { createSoftphone } from './create-softphone.ts';
import type { Softphone, SoftphoneState } from './softphone.ts';
import { createTestHandsets, type TestHandsets } from './test-handset.ts';
import { createTestMedia, testDevice, type TestMedia } from './test-media.ts';

interface Bench {
  readonly time: TestTime;
  readonly door: TestDoor;
  readonly life: TestPageLife;
  readonly sockets: TestSockets;
  readonly handsets: TestHandsets;
  readonly media: TestMedia;
  readonly kept: Map<string, string>;
  readonly phone: Softphone;
  readonly states: SoftphoneState[];
  /** What the relay was told, in order. */
  readonly flows: readonly AudioFlow[];
  readonly joined: readonly MessagePort[];
  failRelay(): void;
  hear(...messages: PhoneSwitchMessage[]): void;
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 30; i++) await Promise.resolve();
};

function createBench(options: { readonly kept?: Map<string, string>; readonly media?: TestMedia } = {}): Bench {
  const { kept = new Map<string, string>(), media = createTestMedia() } = options;
  const time = createTestTime();
  const door = createTestDoor();
  const life = createTestPageLife();
  const sockets = createTestSockets();
  const handsets = createTestHandsets();
  const flows: AudioFlow[] = [];
  const joined: MessagePort[] = [];
  let failRelay = (): void => undefined;
  const phone = createSoftphone({
    door,
    number: '+15550001',
    name: 'caller',
    time,
    pageLife: life,
    createRelay: ({ failed }) => {
      failRelay = failed;
      return { open: sockets.open, setFlow: (flow) => flows.push(flow), join: (port) => joined.push(port) };
    },
    openHandset: handsets.open,
    access: media.access,
    storage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
    random: () => 0.5,
  });
  const states: SoftphoneState[] = [];
  phone.subscribe(() => states.push(phone.state));
  const hear = (...messages: PhoneSwitchMessage[]): void => {
    for (const message of messages) sockets.last.receive(message);
  };
  return {
    time,
    door,
    life,
    sockets,
    handsets,
    media,
    kept,
    phone,
    states,
    flows,
    joined,
    failRelay: () => failRelay(),
    hear,
  };
}

async function register({ sockets, hear }: Pick<Bench, 'sockets' | 'hear'>): Promise<void> {
  await settle();
  sockets.last.accept();
  hear({ type: 'registered', number: '+15550001' });
}

async function plugIn(options: Parameters<typeof createBench>[0] = {}): Promise<Bench> {
  const bench = createBench(options);
  void bench.phone.plugIn();
  await register(bench);
  return bench;
}

async function talk(): Promise<Bench> {
  const bench = await plugIn();
  bench.phone.dial('+15559999');
  bench.hear({ type: 'dialing', callId: 'call-1' }, { type: 'answered' });
  return bench;
}

/** Lets time pass on a line that lives. */
function pass({ time, sockets }: Pick<Bench, 'time' | 'sockets'>, seconds: number): void {
  for (let i = 0; i < seconds; i++) {
    time.advance(1000);
    sockets.last.receive({ type: 'ping', id: i });
  }
}

describe('softphone', () => {
  it('starts sound, microphone and line when it is plugged in', async () => {
    const { phone, states, handsets, media, sockets } = await plugIn();
    expect(states.map(({ line }) => line.name)).toContain('connecting');
    expect(phone.state.line).toEqual({ name: 'idle' });
    expect(phone.state.microphone).toEqual({ name: 'on', deviceId: 'default', label: 'Microphone default' });
    expect(handsets.last.microphone).toBe(media.streams[0]?.stream);
    expect(media.streams[0]?.constraints).toEqual({
      channelCount: 1,
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
    });
    expect(sockets.last.sent('register')).toEqual([
      { type: 'register', number: '+15550001', sampleRateHz: 24_000, outputDelayMs: 51, onlyIfFree: true },
    ]);
  });

  it('tells of real changes only, each with a new object', async () => {
    const { phone, states } = await talk();
    for (let i = 1; i < states.length; i++) expect(states[i]).not.toEqual(states[i - 1]);
    const before = phone.state;
    phone.answer();
    phone.setNumber('+2');
    phone.setMuted(false);
    await phone.setVoiceProcessing(true);
    expect(phone.state).toBe(before);
  });

  it('lets audio flow from the line while it dials, and both ways while it talks', async () => {
    const { phone, handsets, flows, joined, hear } = await plugIn();
    expect(joined).toEqual([handsets.last.port]);
    phone.dial('+15559999');
    hear({ type: 'dialing', callId: 'call-1' }, { type: 'answered' });
    expect(flows).toEqual(['heard', 'both']);
    phone.hangUp();
    expect(flows).toEqual(['heard', 'both', 'none']);
    hear({ type: 'ended', reason: 'hangup', by: 'caller' });
    hear({ type: 'incoming', callId: 'call-2', from: '' });
    phone.answer();
    hear({ type: 'answered' });
    expect(flows.slice(3)).toEqual(['none', 'heard', 'both']);
  });

  it('rings at the speaker until it is answered, or the caller gives up', async () => {
    const { phone, handsets, hear } = await plugIn();
    const rings = (): readonly string[] => handsets.last.orders.filter((order) => order.startsWith('ring'));
    hear({ type: 'incoming', callId: 'call-1', from: '+1' });
    expect(rings().at(-1)).toBe('ring true');
    phone.answer();
    expect(rings().at(-1)).toBe('ring false');
    hear({ type: 'answered' }, { type: 'ended', reason: 'hangup', by: 'caller' });
    hear({ type: 'incoming', callId: 'call-2', from: '+1' });
    expect(rings().at(-1)).toBe('ring true');
    hear({ type: 'ended', reason: 'hangup', by: 'caller' });
    expect(rings().at(-1)).toBe('ring false');
  });

  it('sends a key at its release and drops it with the call', async () => {
    const { phone, time, sockets, handsets, hear } = await talk();
    phone.press('5');
    time.advance(100);
    phone.release();
    phone.press('6');
    hear({ type: 'ended', reason: 'hangup', by: 'callee' });
    phone.release();
    phone.press('7');
    phone.release();
    expect(sockets.last.sent('dtmf')).toEqual([{ type: 'dtmf', digit: '5', durationMs: 100 }]);
    expect(handsets.last.orders.filter((order) => order.startsWith('key'))).toEqual(['key 5', 'key ', 'key 6', 'key ']);
  });

  it('collects the digits of the other side, anew for each call', async () => {
    const { phone, hear } = await talk();
    hear({ type: 'dtmf', digit: '1' }, { type: 'dtmf', digit: '2' });
    expect(phone.state.heardDigits).toBe('12');
    hear({ type: 'ended', reason: 'hangup', by: 'callee' });
    expect(phone.state.heardDigits).toBe('12');
    phone.dial('+15559999');
    expect(phone.state.heardDigits).toBe('');
    for (let i = 0; i < 40; i++) hear({ type: 'dialing', callId: 'call-2' }, { type: 'dtmf', digit: '3' });
  });

  it('shows the levels of its handset, and silence once it is unplugged', async () => {
    const { phone, handsets, states } = await plugIn();
    const before = states.length;
    handsets.last.options.onLevels({ spokenDb: -20, heardDb: -30 });
    expect(phone.levels).toEqual({ spokenDb: -20, heardDb: -30 });
    expect(states).toHaveLength(before);
    phone.unplug();
    expect(phone.levels).toEqual({ spokenDb: -120, heardDb: -120 });
  });

  it('hangs up, leaves the switch and releases everything when it is unplugged', async () => {
    const { phone, sockets, handsets, media, time } = await talk();
    phone.unplug();
    expect(sockets.last.closedWith).toBe(1000);
    expect(handsets.last.orders.at(-1)).toBe('close');
    expect(media.streams[0]?.released).toBe(true);
    expect(phone.state).toMatchObject({ line: { name: 'unplugged' }, microphone: { name: 'off' } });
    expect(time.pending).toBe(0);
  });

  it('closes the sound again that opens after it was unplugged', async () => {
    const { phone, handsets, sockets } = createBench();
    const plugging = phone.plugIn();
    phone.unplug();
    await plugging;
    await settle();
    expect(handsets.last.orders).toEqual(['close']);
    expect(sockets.all).toEqual([]);
    expect(phone.state.line).toEqual({ name: 'unplugged' });
  });

  it.each([
    ['NO_SOUND', 'This page gets no sound from the browser: allow it, then plug in again.'],
    ['INSECURE', 'This page is not served securely: open it at localhost or over https to use a phone.'],
  ] as const)('stays unplugged without sound (%s), and says why', async (failure, problem) => {
    const { phone, handsets } = createBench();
    handsets.failure = failure;
    await phone.plugIn();
    expect(phone.state.line).toEqual({ name: 'unplugged', problem });
    handsets.failure = undefined;
    void phone.plugIn();
    expect(phone.state.line).toEqual({ name: 'connecting', attempt: 1 });
  });

  it('says by text in a call, each phone in a band of its own, and nowhere else', async () => {
    const idle = createBench();
    await idle.phone.plugIn();
    idle.phone.say('hello');
    expect(idle.handsets.last.orders.join()).not.toContain('say');
    const { phone, handsets } = await talk();
    phone.say('How is ticket 42?');
    expect(handsets.last.orders.at(-1)).toBe('say How is ticket 42?');
  });

  it('goes on with a new handset in mid-call when its sound fails', async () => {
    const bench = await talk();
    const { phone, handsets, joined, sockets, media } = bench;
    phone.setMuted(true);
    pass(bench, 10);
    handsets.last.options.onFailed();
    await settle();
    expect(handsets.all).toHaveLength(2);
    expect(handsets.all[0]?.orders.at(-1)).toBe('close');
    expect(handsets.last.orders).toEqual(['mute true', 'ring false']);
    expect(joined.at(-1)).toBe(handsets.last.port);
    expect(handsets.last.microphone).toBe(media.streams.at(-1)?.stream);
    expect(media.streams.map(({ released }) => released)).toEqual([true, false]);
    expect([phone.state.line.name, sockets.all.length]).toEqual(['talking', 1]);
  });

  it('unplugs when its sound fails within ten seconds', async () => {
    const bench = await talk();
    const { phone, handsets, sockets } = bench;
    pass(bench, 9);
    handsets.last.options.onFailed();
    expect(phone.state.line).toEqual({
      name: 'unplugged',
      problem: 'The sound of this page has failed; plug in again.',
    });
    expect(sockets.last.closedWith).toBe(1000);
  });

  it('unplugs when the worker of its line fails', async () => {
    const { phone, failRelay } = await talk();
    failRelay();
    expect(phone.state.line).toMatchObject({ name: 'unplugged', problem: expect.stringContaining('failed') });
  });

  it('unplugs when the page is signed out', async () => {
    const { phone, door, sockets } = await talk();
    door.become({ name: 'signed-out', why: 'signed-out' });
    expect(phone.state.line).toEqual({ name: 'unplugged', problem: 'The session is over; sign in again.' });
    expect(sockets.last.closedWith).toBe(1000);
  });

  it('lets everything go when another phone takes its number', async () => {
    const { phone, sockets, handsets, media } = await talk();
    sockets.last.lose(4409);
    expect(phone.state.line).toMatchObject({ name: 'unplugged', problem: expect.stringContaining('another phone') });
    expect(handsets.last.orders.at(-1)).toBe('close');
    expect(media.streams[0]?.released).toBe(true);
  });

  it('hangs up when the page is left, and plugs in again when it comes back as it was', async () => {
    const bench = await talk();
    const { phone, life, sockets, handsets } = bench;
    life.leave();
    expect(sockets.last.closedWith).toBe(1000);
    expect(phone.state.line.name).toBe('unplugged');
    life.comeBack();
    await register(bench);
    expect(phone.state.line.name).toBe('idle');
    expect(handsets.all).toHaveLength(2);
    phone.unplug();
    life.leave();
    life.comeBack();
    await settle();
    expect(phone.state.line).toEqual({ name: 'unplugged' });
  });

  it('looks after its line when the page wakes', async () => {
    const { phone, life, sockets } = await talk();
    sockets.last.lose(1006);
    expect(phone.state.line.name).toBe('connecting');
    life.wake();
    await settle();
    expect(sockets.all).toHaveLength(2);
  });

  it('keeps its line alive by the clock of the sound, though the timers of a hidden tab are late', async () => {
    const { phone, time, sockets, handsets } = await talk();
    time.held = true;
    for (let i = 0; i < 40; i++) {
      time.advance(60);
      handsets.last.options.onLevels({ spokenDb: -120, heardDb: -120 });
    }
    await settle();
    expect(phone.state.line.name).toBe('connecting');
    expect(sockets.all).toHaveLength(2);
  });

  it('remembers number, devices, voice processing and mute', async () => {
    const media = createTestMedia();
    media.setDevices([testDevice('audioinput', 'usb')]);
    const { phone, kept, handsets } = createBench({ media });
    handsets.speakers.add('loud');
    phone.setNumber(' +4930\u0007123 ');
    phone.setMuted(true);
    await phone.setVoiceProcessing(false);
    await phone.chooseMicrophone('usb');
    await phone.chooseSpeaker('loud');
    const next = await plugIn({ kept, media });
    next.handsets.speakers.add('loud');
    expect(next.phone.state).toMatchObject({
      number: '+4930123',
      muted: true,
      voiceProcessing: false,
      microphoneId: 'usb',
      speakerId: 'loud',
    });
    expect(next.handsets.last.orders[0]).toBe('mute true');
    expect(media.streams.at(-1)?.constraints).toMatchObject({
      echoCancellation: false,
      noiseSuppression: false,
      autoGainControl: false,
      deviceId: { exact: 'usb' },
    });
  });

  it('takes no number while it is plugged in, and none that is empty', async () => {
    const { phone } = await plugIn();
    phone.setNumber('+2');
    phone.unplug();
    phone.setNumber('   ');
    expect(phone.state.number).toBe('+15550001');
    phone.setNumber('+2');
    expect(phone.state.number).toBe('+2');
  });
});
