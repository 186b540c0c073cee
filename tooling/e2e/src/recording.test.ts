import { tone, toneLevelDb } from '@agentao/audio';
import { type ActiveCall, AgenTaoClient, AgenTaoClientConfig, type CallMode, events } from '@agentao/calls';
import { createVirtualClock } from '@agentao/clock';
import { createApiKey, createSwitch } from '@agentao/switch';
import { createMemoryRecords, createScriptedPhones, type MemoryRecording, type Phone } from '@agentao/switch/testing';
import { createMemoryNetwork } from '@agentao/transport/memory';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const host = '127.0.0.1:7350';
const calleeNumber = '+15559999';
const rate = 24_000;

/** The whole system on one virtual clock, with records in memory. */
async function openLine(connector: { readonly recording?: 'on' | 'off'; readonly consentTone?: 'on' | 'off' } = {}) {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const network = createMemoryNetwork({ clock });
  const phones = createScriptedPhones({ clock });
  const { key: apiKey, stored } = createApiKey();
  const records = createMemoryRecords();
  const callSwitch = createSwitch({
    clock,
    legs: [phones],
    records,
    connectors: [{ uuid: 'e2e', numbers: [calleeNumber], keys: [stored], recording: 'on', ...connector }],
  });
  const server = network.listen({ host, onUpgrade: callSwitch.onUpgrade, onRequest: callSwitch.onRequest });
  callSwitch.start();
  const config = AgenTaoClientConfig.sandbox({ apiKey, connectorUuid: 'e2e', baseUrl: `ws://${host}` });
  const client = new AgenTaoClient(config, { clock, transport: network.connect });
  const settled = <T>(promise: Promise<T>): Promise<T> => clock.runUntil(promise, { maxMs: 600_000 });
  let take: (call: ActiveCall) => void = () => undefined;
  client.on(events.INCOMING_CALL, async (call) => {
    take(call);
    await call.ended;
  });
  await settled(Promise.all([client.connect(), callSwitch.whenReady('e2e')]));
  const caller = phones.phone('+15550001');
  const callee = phones.phone(calleeNumber, { answerAfterMs: 2_000 });
  return {
    clock,
    settled,
    records,
    caller,
    callee,
    ring: (): Promise<ActiveCall> => {
      const taken = new Promise<ActiveCall>((resolve) => {
        take = resolve;
      });
      caller.dial(calleeNumber);
      return settled(taken);
    },
    recording: () => [...records.recordings.values()][0] as MemoryRecording,
    [Symbol.asyncDispose]: async () => {
      await settled(Promise.all([client.disconnect(), callSwitch.close(), server.close()]));
    },
  };
}

const speech = (frequencyHz: number, durationMs: number): Int16Array =>
  tone({ frequencyHz, durationMs, sampleRateHz: rate, levelDb: -12 });

/** Fails unless what a phone heard is in the recording, from the end backwards, sample for sample. */
function expectHeard(recording: MemoryRecording, hearer: 'caller' | 'callee', phone: Phone): void {
  const again = recording.heardBy(hearer);
  const heard = phone.heard();
  const length = Math.min(again.length, heard.length);
  const [a, b] = [again.subarray(again.length - length), heard.subarray(heard.length - length)];
  const differing = a.findIndex((sample, i) => sample !== b[i]);
  expect({ hearer, differing }).toEqual({ hearer, differing: -1 });
}

const voices = { caller: 440, callee: 1_000, agent: 600 } as const;

describe('a recorded call of the real client', () => {
  it('in any order of modes is mixed again exactly as caller and callee heard it', async () => {
    const moves = fc.array(
      fc.record({
        mode: fc.constantFrom<CallMode>('barge', 'whisper', 'spy'),
        forMs: fc.integer({ min: 20, max: 700 }),
      }),
      {
        minLength: 1,
        maxLength: 5,
      },
    );
    await fc.assert(
      fc.asyncProperty(moves, async (sequence) => {
        await using line = await openLine();
        const { clock, settled, caller, callee } = line;
        const call = await line.ring();
        await settled(call.answer());
        await call.sendAudio(speech(voices.agent, 8_000), { wait: false });
        caller.say(speech(voices.caller, 9_000));
        await settled(call.connect({ ringTimeSeconds: 10 }));
        callee.say(speech(voices.callee, 5_000));
        for (const { mode, forMs } of sequence) {
          await settled(call[mode]());
          await clock.advance(forMs);
        }
        await settled(call.disconnect());
        const recording = line.recording();
        expect(recording.ended).toBe(true);
        expectHeard(recording, 'caller', caller);
        expectHeard(recording, 'callee', callee);
      }),
      { numRuns: 15 },
    );
  }, 120_000);

  it('has a whisper on the agent’s track, and never in what the caller could hear', async () => {
    await using line = await openLine({ consentTone: 'off' });
    const { clock, settled } = line;
    const call = await line.ring();
    await settled(call.connect({ ringTimeSeconds: 10, mode: 'whisper' }));
    await call.sendAudio(speech(voices.agent, 1_000));
    await clock.advance(1_200);
    await settled(call.disconnect());
    const level = (samples: Int16Array): number =>
      toneLevelDb(samples.subarray(12_000, 24_000), { frequencyHz: voices.agent, sampleRateHz: rate });
    const recording = line.recording();
    expect(level(recording.track('agent'))).toBeGreaterThan(-20);
    expect(level(recording.heardBy('callee'))).toBeGreaterThan(-20);
    expect(level(recording.heardBy('caller'))).toBe(-120);
  });

  it('leaves a record with its stages, its agent, what the agent added, and no digit', async () => {
    await using line = await openLine();
    const { clock, settled, caller, records } = line;
    const call = await line.ring();
    await settled(call.answer());
    await settled(call.annotate('turn', { text: 'good morning' }));
    caller.press('7');
    await clock.advance(200);
    await settled(call.sendDtmf('4711'));
    await settled(call.connect({ ringTimeSeconds: 10 }));
    caller.hangUp();
    await settled(call.ended);
    await clock.advance(100);
    const kinds = records.changes.filter(({ type }) => type !== 'timeline').map(({ type }) => type);
    expect(kinds.filter((kind) => kind !== 'recording')).toEqual([
      'arrived',
      'agent_joined',
      'stage',
      'annotation',
      'stage',
      'agent_left',
      'ended',
    ]);
    expect(records.changes.flatMap((change) => (change.type === 'recording' ? [change.recording.state] : []))).toEqual([
      'recording',
      'complete',
    ]);
    expect(JSON.stringify(records.changes)).not.toMatch(/4711|"digits?"/);
    expect(records.changes.filter(({ type }) => type === 'stage')).toMatchObject([
      { stage: 'answered' },
      { stage: 'connected' },
    ]);
  });

  it('is none where the connector does not want it, or nobody’s line was open', async () => {
    await using off = await openLine({ recording: 'off' });
    const call = await off.ring();
    await off.settled(call.answer());
    await off.settled(call.disconnect());
    expect(off.records.recordings.size).toBe(0);
    expect(off.records.changes.some(({ type }) => type === 'ended')).toBe(true);
    await using refused = await openLine();
    const pending = await refused.ring();
    await refused.settled(pending.disconnect());
    expect(refused.records.recordings.size).toBe(0);
  });

  it('plays its notice to both people when their lines open, and not to the agent', async () => {
    await using line = await openLine();
    const { clock, settled, caller, callee } = line;
    const call = await line.ring();
    const heardByAgent: number[] = [];
    call
      .audio$()
      .subscribe(({ samples }) => heardByAgent.push(toneLevelDb(samples, { frequencyHz: 1_400, sampleRateHz: rate })));
    await settled(call.connect({ ringTimeSeconds: 10, mode: 'spy' }));
    await clock.advance(1_000);
    for (const phone of [caller, callee]) {
      const levels = Array.from({ length: Math.floor(phone.heardMs / 100) }, (_, i) =>
        phone.levelDb({ frequencyHz: 1_400, fromMs: i * 100, toMs: (i + 1) * 100 }),
      );
      expect(Math.max(...levels)).toBeGreaterThan(-26);
    }
    expect(Math.max(...heardByAgent)).toBe(-120);
    await settled(call.disconnect());
  });
});
