import { limits } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { signedIn } from './test-browser.ts';
import { answerCall, runSecondCall, watchTicks } from './test-call.ts';
import { createTestSwitch, type RawPeer, type TestSwitch } from './test-switch.ts';

async function watching(test: TestSwitch, ...callIds: readonly string[]): Promise<RawPeer> {
  const monitor = await test.open('monitor', test.operatorToken);
  monitor.send({ type: 'watch', callIds });
  await test.clock.advance(0);
  return monitor;
}

/** Fills the timeline of a call with this many entries. */
async function chatter(test: TestSwitch, media: RawPeer, count: number, firstId = 1_000): Promise<void> {
  for (let id = firstId; id < firstId + count; id++) media.send({ type: 'tracks', id, tracks: ['mix'] });
  await test.clock.advance(0);
}

function histories(monitor: RawPeer): number {
  return monitor.messages.filter(({ type }) => type === 'timeline').length;
}

function commands(monitor: RawPeer): number {
  return monitor.messages.filter((message) => message.type === 'timeline' && message.entry.kind === 'command').length;
}

describe('a monitor that does not read', () => {
  it('is closed with 4428, and the calls it watches lose no tick', async () => {
    const test = createTestSwitch({ limits: { unreadBytes: 4_000 } });
    const call = await answerCall(test);
    const expectNoTickLost = watchTicks(test, call);
    const monitor = await watching(test, call.callId);
    monitor.connection.stall('toClient');
    await test.clock.advance(8_000);
    expect(monitor.closed).toBeUndefined();
    await test.clock.advance(1_000);
    monitor.connection.resume();
    expect(await monitor.end()).toMatchObject({ code: 4428 });
    expect(monitor.messages.filter(({ type }) => type === 'levels').length).toBeGreaterThan(30);
    expectNoTickLost();
  });

  it('is told no history meanwhile, and the rest of it once it reads', async () => {
    const test = createTestSwitch({ limits: { unreadBytes: 20_000 } });
    const { callId, media } = await answerCall(test);
    await chatter(test, media, 240);
    const monitor = await test.open('monitor', test.operatorToken);
    monitor.connection.stall('toClient');
    monitor.send({ type: 'watch', callIds: [callId] });
    await test.clock.advance(1_000);
    monitor.connection.resume();
    await test.clock.advance(1_000);
    expect(monitor.closed).toBeUndefined();
    expect(commands(monitor)).toBe(1 + 240);
  });

  it('silently is closed with 4504 after two heartbeats; one that answers pings is kept', async () => {
    const test = createTestSwitch();
    const silent = await test.open('monitor', test.operatorToken);
    const lively = await test.open('monitor', test.operatorToken);
    silent.connection.stall('toServer');
    await test.clock.advance(2 * limits.heartbeatMs - 1);
    expect(silent.closed).toBeUndefined();
    expect(lively.messages.filter(({ type }) => type === 'ping')).toHaveLength(1);
    expect(await silent.end()).toMatchObject({ code: 4504 });
    await test.clock.advance(60_000);
    expect(lively.closed).toBeUndefined();
  });
});

describe('a monitor that asks for much', () => {
  it('is told what it missed in portions of 64 each 10 ms, and calls come in between', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    await chatter(test, call.media, 250);
    const expectNoTickLost = watchTicks(test, call);
    const monitor = await watching(test, call.callId);
    const counts = [histories(monitor)];
    for (let portion = 0; portion < 4; portion++) {
      await test.clock.advance(10);
      counts.push(histories(monitor));
    }
    expect(counts).toEqual([64, 128, 192, 256, 256]);
    await test.clock.advance(200);
    expectNoTickLost();
  });

  it('again and again gets no more per portion than one that asks once', async () => {
    const test = createTestSwitch();
    const { callId, media } = await answerCall(test);
    await chatter(test, media, 250);
    const monitor = await test.open('monitor', test.operatorToken);
    for (let i = 0; i < 30; i++) {
      monitor.send({ type: 'watch', callIds: [] });
      monitor.send({ type: 'watch', callIds: [callId] });
    }
    await test.clock.advance(0);
    expect(histories(monitor)).toBe(64);
  });

  it('is told every entry once, in order, while new ones come faster than it is told', async () => {
    const test = createTestSwitch();
    const { callId, media } = await answerCall(test);
    await chatter(test, media, 200);
    const monitor = await watching(test, callId);
    for (let round = 0; round < 4; round++) {
      await chatter(test, media, 30, 2_000 + round * 30);
      await test.clock.advance(10);
    }
    await test.clock.advance(100);
    expect(commands(monitor)).toBe(1 + 200 + 120);
  });

  it('is refused with 429 LIMIT_REACHED where 64 are there already, until one has gone', async () => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    const monitors: RawPeer[] = [];
    for (let i = 0; i < 64; i++) monitors.push(await browser.open('monitor'));
    await expect(browser.open('monitor')).rejects.toMatchObject({
      status: 429,
      body: expect.stringContaining('LIMIT_REACHED'),
    });
    monitors[7]?.socket.close();
    await monitors[7]?.end();
    await browser.open('monitor');
    expect(monitors[8]?.closed).toBeUndefined();
  });
});

describe('a monitor that goes away', () => {
  it('leaves no timer behind, not even one that had not been told everything', async () => {
    const test = createTestSwitch();
    const { callId, media } = await answerCall(test);
    await chatter(test, media, 250);
    const timers = test.clock.pendingTimers;
    const monitor = await watching(test, callId);
    expect(test.clock.pendingTimers).toBeGreaterThan(timers);
    monitor.connection.cut();
    expect(test.clock.pendingTimers).toBe(timers);
  });
});

describe('many monitors', () => {
  it('cost the calls they watch no tick, and are forgotten when they are gone', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const { callId } = await answerCall(test);
    const monitors: RawPeer[] = [];
    for (let i = 0; i < 64; i++)
      monitors.push(await watching(test, callId, ...test.sw.calls.map((call) => call.callId)));
    await test.clock.advance(1_000);
    expect(monitors.every(({ messages }) => messages.filter(({ type }) => type === 'levels').length >= 10)).toBe(true);
    for (const monitor of monitors) monitor.connection.cut();
    await test.clock.advance(1_000);
    await expectNoTickLost();
  });
});
