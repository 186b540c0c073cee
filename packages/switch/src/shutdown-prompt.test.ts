import { describe, expect, it } from 'vitest';
import { defaultPrompts } from './calls/prompts.ts';
import { createApiKey } from './connectors/api-key.ts';
import { answerCall, attachCall, connectCall } from './servers/test-call.ts';
import { createTestSwitch, type RawPeer, type TestSwitch } from './servers/test-switch.ts';
import { createMemoryRecords, type MemoryRecords } from './testing/memory-records.ts';

const clip = Int16Array.from({ length: 12_345 }, (_, i) => ((i * 7) % 5_000) + 1);
const key = createApiKey();

/** Everything that a phone was played, from the first sample that is not silence. */
function heardBy(phone: RawPeer): Int16Array {
  const all = Int16Array.from(phone.frames.flatMap(({ samples }) => [...samples]));
  const first = all.findIndex((sample) => sample !== 0);
  return first < 0 ? new Int16Array() : all.subarray(first);
}

/** Begins a drain, and lets so much time pass. */
async function drain(test: TestSwitch, passMs: number): Promise<() => boolean> {
  let drained = false;
  void test.sw.drain({ timeoutMs: 1_000 }).then(() => {
    drained = true;
  });
  await test.clock.advance(passMs);
  return () => drained;
}

describe('the end of a drain', () => {
  it('is told to both people in CONNECTED by a prompt, then the call ends; the agent hears none of it', async () => {
    const test = createTestSwitch({ prompts: { shuttingDown: clip } });
    const call = await connectCall(test);
    const isDrained = await drain(test, 999);
    expect(heardBy(call.caller)).toHaveLength(0);
    await test.clock.advance(400);
    expect(call.caller.messages.at(-1)?.type).not.toBe('ended');
    await test.clock.advance(1_000);
    for (const phone of [call.caller, call.callee]) {
      const heard = heardBy(phone);
      expect(heard.subarray(0, clip.length)).toEqual(clip);
      expect(heard.subarray(clip.length).every((sample) => sample === 0)).toBe(true);
      expect(phone.messages.findLast(({ type }) => type === 'ended')).toMatchObject({ by: 'switch' });
    }
    expect(call.media.frames.every(({ samples }) => samples.every((sample) => sample === 0))).toBe(true);
    const last = call.media.messages.findLast((message) => message.type === 'event');
    expect(last).toMatchObject({ event: { type: 'call.terminated', reason: 'shutdown', by: 'switch' } });
    expect(isDrained()).toBe(true);
  });

  it('is told to a caller in ANSWERED, and to nobody whose line is not open', async () => {
    const test = createTestSwitch({ prompts: { shuttingDown: clip } });
    const answered = await answerCall(test);
    const pending = await attachCall(test);
    const isDrained = await drain(test, 1_010);
    expect(pending.caller.messages.findLast(({ type }) => type === 'ended')).toBeDefined();
    expect(pending.caller.frames).toEqual([]);
    expect(isDrained()).toBe(false);
    await test.clock.advance(1_000);
    expect(heardBy(answered.caller).subarray(0, clip.length)).toEqual(clip);
    expect(isDrained()).toBe(true);
  });

  it('stops where the call ends by itself meanwhile, and no call is there after ten seconds and a little', async () => {
    const longest = new Int16Array(240_000).fill(1_000);
    const test = createTestSwitch({ prompts: { shuttingDown: longest } });
    const call = await answerCall(test);
    const other = await answerCall(test);
    const isDrained = await drain(test, 1_500);
    call.caller.send({ type: 'hangup' });
    await test.clock.advance(100);
    expect(test.sw.calls).toHaveLength(1);
    await test.clock.advance(9_600);
    expect(isDrained()).toBe(true);
    expect(heardBy(other.caller).length).toBeGreaterThanOrEqual(240_000);
  });

  it('is in the recording as each of them heard it', async () => {
    const records: MemoryRecords = createMemoryRecords();
    const test = createTestSwitch({
      prompts: { shuttingDown: clip },
      records,
      connectors: [{ uuid: 'c', numbers: ['*'], keys: [key.stored], recording: 'on' }],
    });
    const call = await connectCall(test, { control: await test.openControl({ key: key.key }) });
    await drain(test, 3_000);
    const recording = records.recordings.get(call.callId);
    expect(recording?.ended).toBe(true);
    for (const [hearer, phone] of [
      ['caller', call.caller],
      ['callee', call.callee],
    ] as const) {
      const heard = Int16Array.from(phone.frames.flatMap(({ samples }) => [...samples]));
      const kept = recording?.heardBy(hearer) ?? new Int16Array();
      expect(kept.subarray(kept.length - heard.length)).toEqual(heard.subarray(-kept.length));
      expect(heard.some((sample) => sample !== 0)).toBe(true);
    }
  });
});

describe('the prompts', () => {
  it('are tones unless there are others, each replaceable for itself', () => {
    expect(defaultPrompts.shuttingDown.length).toBeGreaterThan(24_000);
    expect(defaultPrompts.nobodyLeft).not.toEqual(defaultPrompts.shuttingDown);
    for (const prompts of [{ shuttingDown: new Int16Array() }, { nobodyLeft: new Int16Array(240_001) }]) {
      expect(() => createTestSwitch({ prompts })).toThrow(/^prompts\.\w+ must have 1 to 240000 samples/);
    }
    expect(() => createTestSwitch({ prompts: { hello: clip } as object })).toThrow('prompts: there is no hello');
  });
});
