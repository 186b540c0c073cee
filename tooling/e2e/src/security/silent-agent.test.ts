import type { ActiveCall } from '@agentao/calls';
import { describe, expect, it } from 'vitest';
import { openVirtualLine, type VirtualLine } from '../virtual-line.ts';

// Nobody speaks in these calls but the agent, as loudly as it can: a single sample at an ear that is no zero is a leak.

const shout = Int16Array.from({ length: 12_000 }, (_, at) => (at % 2 === 0 ? 32_767 : -32_768));

/** Connects caller and callee with the agent in spy. */
async function spyOn(line: VirtualLine): Promise<ActiveCall> {
  const call = await line.ring();
  const connected = call.connect({ mode: 'spy' });
  await line.settled(line.callee.until('ringing'));
  line.callee.answer();
  await line.settled(connected);
  return call;
}

function ears({ caller, callee }: VirtualLine): readonly number[] {
  return [caller, callee].map((phone) => phone.heard().findIndex((sample) => sample !== 0));
}

describe('an agent in spy', () => {
  it('is heard by nobody, not in a single sample, however much it sends', async () => {
    await using line = await openVirtualLine({ callee: {} });
    const call = await spyOn(line);
    // What rang before is no voice of the agent.
    const heardBefore = [line.caller, line.callee].map((phone) => phone.heard().length);
    for (let sent = 0; sent < 4; sent++) await line.settled(call.sendAudio(shout, { wait: true }));
    await line.clock.advance(2_500);
    const heard = [line.caller, line.callee].map((phone, at) => phone.heard().subarray(heardBefore[at]));
    expect(heard.map(({ length }) => length > 24_000)).toEqual([true, true]);
    expect(heard.map((samples) => samples.findIndex((sample) => sample !== 0))).toEqual([-1, -1]);
  });

  it('cannot fill its queue unheard and have it burst out with the mode: that is gone, what it says then is heard', async () => {
    await using line = await openVirtualLine({ callee: {} });
    const call = await spyOn(line);
    await line.clock.advance(500);
    const from = [line.caller, line.callee].map((phone) => phone.heard().length);
    const queued = Array.from({ length: 10 }, () => call.sendAudio(shout).catch((error: unknown) => error));
    await line.clock.advance(40);
    await line.settled(call.barge());
    await line.settled(Promise.all(queued));
    await line.clock.advance(1_000);
    const after = [line.caller, line.callee].map((phone, at) => phone.heard().subarray(from[at]));
    expect(after.map((samples) => samples.findIndex((sample) => sample !== 0))).toEqual([-1, -1]);
    await line.settled(call.sendAudio(shout, { wait: true }));
    await line.clock.advance(500);
    expect(ears(line).every((at) => at >= 0)).toBe(true);
    // It is the agent that decides: spy is a mode, and no right that somebody has taken away.
    expect([call.mode, call.state]).toEqual(['barge', 'CONNECTED']);
  });
});

describe('an agent in PENDING', () => {
  it('is heard by nobody: the caller has not been answered', async () => {
    await using line = await openVirtualLine({ callee: {} });
    const call = await line.ring();
    void call.sendAudio(shout).catch(() => undefined);
    await line.clock.advance(1_000);
    expect(line.caller.heard().findIndex((sample) => sample !== 0)).toBe(-1);
  });
});
