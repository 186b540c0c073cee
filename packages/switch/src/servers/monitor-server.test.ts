import { decodeMonitorSwitch, limits } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { createApiKey } from '../connectors/api-key.ts';
import { signedIn } from './test-browser.ts';
import { answerCall, attachCall, connectCall, freshNumbers, placeCall } from './test-call.ts';
import { isOf, lastLook, looksOf, openMonitor } from './test-monitor.ts';
import { createTestSwitch, type RawPeer } from './test-switch.ts';

describe('a monitor', () => {
  it('starts with a snapshot of nothing on a switch without calls, and needs no first message', async () => {
    const test = createTestSwitch();
    const monitor = await test.open('monitor', test.operatorToken);
    await test.clock.advance(limits.helloTimeoutMs + 1);
    expect(monitor.messages[0]).toEqual({ type: 'snapshot', calls: [] });
    expect(monitor.closed).toBeUndefined();
  });

  it('starts with the live calls, numbers in full, and says nothing of those that are over', async () => {
    const test = createTestSwitch();
    const over = await answerCall(test);
    over.media.send({ type: 'disconnect', id: 9 });
    await over.media.end();
    const startedAtMs = test.clock.wallTime();
    const { callId, caller, callee } = await connectCall(test);
    const monitor = await test.open('monitor', test.operatorToken);
    await test.clock.advance(0);
    expect(monitor.messages).toEqual([
      {
        type: 'snapshot',
        calls: [
          {
            callId,
            connectorUuid: test.connectorUuid,
            callerNumber: test.numberOf(caller),
            calleeNumber: test.numberOf(callee),
            direction: 'MT',
            state: 'CONNECTED',
            ringing: false,
            mode: 'barge',
            startedAtMs: expect.closeTo(startedAtMs, -3),
            hearing: { caller: ['callee', 'agent'], callee: ['caller', 'agent'], agent: ['caller', 'callee'] },
          },
        ],
      },
    ]);
  });

  it('is shown every call from its arrival over each change to its end, each once', async () => {
    const test = createTestSwitch();
    const monitor = await openMonitor(test);
    const { callId, media } = await connectCall(test);
    media.send({ type: 'mode', id: 3, mode: 'whisper' });
    await media.next('response');
    media.send({ type: 'mode', id: 4, mode: 'whisper' });
    await media.next('response');
    media.send({ type: 'mode', id: 5, mode: 'spy' });
    await media.next('response');
    media.send({ type: 'close', id: 6 });
    await media.end();
    expect(looksOf(monitor, callId)).toEqual([
      'PENDING',
      'ANSWERED',
      'ANSWERED ringing',
      'CONNECTED barge',
      'CONNECTED whisper',
      'CONNECTED spy',
      'DISCONNECTED',
    ]);
    await test.clock.advance(60_000);
    expect(looksOf(monitor, callId)).toHaveLength(7);
    test.sw.calls[0]?.end({ reason: 'hangup', by: 'callee' });
    await test.clock.advance(0);
    const ends = monitor.messages.filter((message) => message.type === 'ended');
    expect(ends).toEqual([{ type: 'ended', callId, reason: 'hangup', by: 'callee' }]);
    expect(monitor.messages.at(-1)).toBe(ends[0]);
  });

  it('is not told of a change that shows nowhere, such as the agent’s arrival, its audio or a clear', async () => {
    const test = createTestSwitch();
    const monitor = await openMonitor(test);
    const { callId, media } = await attachCall(test);
    media.sendFrame({}, new Int16Array(4_800));
    media.send({ type: 'clear', id: 1, generation: 1, position: 4_800 });
    media.send({ type: 'dtmf', id: 2, digits: '1' });
    await test.clock.advance(5_000);
    expect(looksOf(monitor, callId)).toEqual(['PENDING']);
    expect(monitor.messages.filter(isOf(callId))).toHaveLength(1);
  });

  it('is shown who hears whom, as the matrix has it', async () => {
    const test = createTestSwitch();
    const monitor = await openMonitor(test);
    const { callId, media } = await answerCall(test);
    await test.clock.advance(0);
    expect(lastLook(monitor, callId)?.hearing).toEqual({ caller: ['agent'], callee: [], agent: ['caller'] });
    media.send({ type: 'close', id: 2 });
    await media.end();
    const other = await connectCall(test);
    for (const [id, mode, hearers] of [
      [3, 'whisper', ['callee']],
      [4, 'spy', []],
      [5, 'barge', ['caller', 'callee']],
    ] as const) {
      other.media.send({ type: 'mode', id, mode });
      await other.media.next('response');
      expect(lastLook(monitor, other.callId)?.hearing).toEqual({
        caller: ['callee', 'agent'],
        callee: ['caller', 'agent'],
        agent: hearers,
      });
    }
    other.media.send({ type: 'close', id: 6 });
    await other.media.end();
    expect(lastLook(monitor, other.callId)?.hearing).toEqual({ caller: ['callee'], callee: ['caller'], agent: [] });
  });

  it('is told how each call ended, also those that the switch ends when it stops, then closed with 1001', async () => {
    const test = createTestSwitch();
    const monitor = await openMonitor(test);
    const { callId } = await answerCall(test);
    await test.sw.close();
    expect(await monitor.end()).toMatchObject({ code: 1001 });
    expect(monitor.messages.at(-1)).toEqual({ type: 'ended', callId, reason: 'shutdown', by: 'switch' });
    expect(looksOf(monitor, callId)).toEqual(['PENDING', 'ANSWERED']);
  });

  it('is never told of a call that is refused', async () => {
    const test = createTestSwitch();
    const monitor = await openMonitor(test);
    const caller = await test.openPhone(freshNumbers().from);
    await test.sw.drain({ timeoutMs: 0 });
    caller.send({ type: 'dial', to: '+2' });
    await caller.next('error');
    expect(monitor.messages).toHaveLength(1);
  });

  it('gets only messages that PROTOCOL.md knows, within its sizes', async () => {
    const test = createTestSwitch();
    const monitor = await openMonitor(test);
    const { callId, media } = await connectCall(test);
    monitor.send({ type: 'watch', callIds: [callId] });
    await test.clock.advance(1_000);
    media.send({ type: 'disconnect', id: 9 });
    await media.end();
    const types = new Set(monitor.messages.map(({ type }) => type));
    expect([...types].toSorted()).toEqual(['call', 'ended', 'levels', 'snapshot', 'timeline']);
    for (const message of monitor.messages) {
      expect(decodeMonitorSwitch(JSON.stringify(message))).toEqual(message);
    }
  });
});

describe('more live calls than fit into a snapshot', () => {
  it('follow it, each once and as it is by then, without those that have ended meanwhile', async () => {
    const test = createTestSwitch();
    const calls = [];
    for (let i = 0; i < 150; i++) {
      const { from, to } = freshNumbers();
      const caller = await test.openPhone(from);
      const callee = await test.openPhone(to);
      caller.send({ type: 'dial', to });
      calls.push({ caller, callee, callId: (await caller.next('dialing')).callId });
    }
    const monitor = await test.open('monitor', test.operatorToken);
    calls[148]?.callee.send({ type: 'answer' });
    calls[149]?.caller.send({ type: 'hangup' });
    await test.clock.advance(0);
    const [snapshot] = monitor.messages;
    expect(snapshot?.type === 'snapshot' && snapshot.calls).toHaveLength(limits.snapshotCalls);
    await test.clock.advance(100);
    const told = monitor.messages.flatMap((message) => {
      if (message.type === 'snapshot') return message.calls.map(({ callId }) => callId);
      return message.type === 'call' ? [message.call.callId] : [];
    });
    expect(told).toEqual(calls.slice(0, -1).map(({ callId }) => callId));
    expect(monitor.messages.at(-1)).toMatchObject({ type: 'call', call: { state: 'DISCONNECTED', ringing: false } });
    expect(monitor.messages.some((message) => message.type === 'ended')).toBe(false);
  });

  it('are not held back by long ones: 64 of the longest are within the size of a message', async () => {
    const key = createApiKey();
    const test = createTestSwitch({ connectors: [{ uuid: 'c'.repeat(128), numbers: ['*'], keys: [key.stored] }] });
    const sixBytesEach = '\ud800'.repeat(limits.numberLength - 3);
    for (let i = 0; i < limits.snapshotCalls; i++) {
      const caller = await test.openPhone(`${sixBytesEach}${100 + i}`);
      const callee = await test.openPhone(`${sixBytesEach}${300 + i}`);
      caller.send({ type: 'dial', to: test.numberOf(callee) });
      await caller.next('dialing');
    }
    const monitor = await openMonitor(test);
    const [snapshot] = monitor.messages;
    expect(snapshot?.type === 'snapshot' && snapshot.calls).toHaveLength(limits.snapshotCalls);
    expect(Buffer.byteLength(JSON.stringify(snapshot))).toBeLessThanOrEqual(limits.controlMessageBytes);
  });
});

describe('a viewer', () => {
  it('is shown what an operator is, with numbers masked, also in timelines', async () => {
    const test = createTestSwitch();
    const before = await placeCall(test);
    const viewer = await signedIn(test, 'viewer').open('monitor');
    const operator = await signedIn(test).open('monitor');
    const after = await answerCall(test, { control: before.control });
    const callIds = [before.callId, after.callId];
    for (const monitor of [viewer, operator]) monitor.send({ type: 'watch', callIds });
    await test.clock.advance(100);
    const numbers = [before, after].flatMap(({ caller, callee }) => [test.numberOf(caller), test.numberOf(callee)]);
    const seen = JSON.stringify(viewer.messages);
    for (const number of numbers) {
      expect(seen).not.toContain(number.slice(1));
      expect(seen).toContain(`"*${number.slice(-2)}"`);
      expect(JSON.stringify(operator.messages)).toContain(number);
    }
    const hide = ({ messages }: RawPeer): unknown =>
      JSON.parse(JSON.stringify(messages).replaceAll(/"[+*]\d+"/g, (number) => `"${number.slice(-3, -1)}"`));
    expect(hide(viewer)).toEqual(hide(operator));
  });
});
