import { tone } from '@agentao/audio';
import { type AnyCallEvent, events } from '@agentao/calls';
import { describe, expect, it } from 'vitest';
import { type AgentProcess, startAgent } from './agent-process.ts';
import { calleeNumber, openVirtualSwitch, type VirtualSwitchOptions } from './virtual-switch.ts';

const speech = tone({ frequencyHz: 600, durationMs: 1_000, sampleRateHz: 24_000, levelDb: -20 });

/** A switch on which an agent has answered a call and stored what it knows. */
async function answeredLine(options: VirtualSwitchOptions = {}, old?: Parameters<typeof startAgent>[1]) {
  const line = openVirtualSwitch(options);
  const { phones, settled } = line;
  const owner = await startAgent(line, old);
  const caller = phones.phone('+15550001');
  const callee = phones.phone(calleeNumber);
  const arriving = owner.nextCall();
  caller.dial(calleeNumber);
  const call = await arriving;
  await settled(call.answer());
  await settled(call.setContext({ name: 'Ada', step: 2 }));
  const ends: AnyCallEvent[] = [];
  call.on(events.CALL_TERMINATED, (event) => ends.push(event));
  return { line, ...line, owner, caller, callee, call, ends };
}

type Line = Awaited<ReturnType<typeof answeredLine>>;

async function close({ line, settled }: Line, ...agents: AgentProcess[]): Promise<void> {
  for (const agent of agents) await settled(agent.client.disconnect());
  await line[Symbol.asyncDispose]();
}

describe('an agent process that is killed under an answered call', () => {
  it.each([
    [0, 'is ready already'],
    [0, 'becomes ready within ten seconds'],
    [40, 'becomes ready within ten seconds'],
  ])('at %d ms away leaves it to one that %s, which finds it as it was', async (latencyMs, when) => {
    const test = await answeredLine({ latencyMs });
    const { line, owner, caller, callee, settled, clock } = test;
    let heir = when === 'is ready already' ? await startAgent(line) : undefined;
    const taking = heir?.nextCall();
    owner.kill();
    if (heir === undefined) {
      await clock.advance(9_500);
      heir = await startAgent(line);
    }
    const taken = (await taking) ?? heir.calls[0] ?? (await heir.nextCall());
    expect(taken).toMatchObject({
      callId: test.call.callId,
      callerNumber: '+15550001',
      calleeNumber,
      takenOver: true,
      state: 'ANSWERED',
      mode: null,
      context: { name: 'Ada', step: 2 },
      queuedSamples: 0,
      playedSamples: 0,
    });
    const fromMs = caller.heardMs;
    expect(await settled(taken.play(speech))).toBe('played');
    expect(taken.playedSamples).toBe(24_000);
    expect(caller.levelDb({ frequencyHz: 600, fromMs: fromMs + 200, toMs: fromMs + 900 })).toBeGreaterThan(-23);
    expect([caller.state, callee.state]).toEqual(['answered', 'idle']);
    const connecting = taken.connect({ mode: 'whisper' });
    await settled(callee.until('ringing'));
    callee.answer();
    await settled(connecting);
    expect([taken.state, taken.mode]).toEqual(['CONNECTED', 'whisper']);
    callee.hangUp();
    expect(await settled(taken.ended)).toEqual({ reason: 'hangup', by: 'callee' });
    await close(test, owner, heir);
  });

  it('leaves it to the callee when nobody takes it over in ten seconds, unseen by handlers that did not ask', async () => {
    const test = await answeredLine();
    const { line, owner, caller, callee, settled, clock } = test;
    const plain = await startAgent(line, { client: { acceptsTakeover: false } });
    const killedMs = clock.now();
    owner.kill();
    await settled(callee.until('ringing'));
    // One second until it counts as gone, ten of searching.
    expect(clock.now() - killedMs).toBe(11_000);
    callee.answer();
    await clock.advance(100);
    callee.say(speech);
    await clock.advance(500);
    expect(caller.levelDb({ frequencyHz: 600, fromMs: caller.heardMs - 200 })).toBeGreaterThan(-23);
    expect(plain.calls).toEqual([]);
    await close(test, owner, plain);
  });

  it('and nobody else is there ends it with a prompt', async () => {
    const test = await answeredLine({ connector: { limits: { agentlessRingMs: 2_000 } } });
    const { owner, caller, settled } = test;
    owner.kill();
    expect(await settled(caller.until('ended'))).toMatchObject({ reason: 'unanswered', by: 'callee' });
    const at = (endMs: number, frequencyHz: number): number =>
      caller.levelDb({ frequencyHz, fromMs: caller.heardMs - endMs, toMs: caller.heardMs - endMs + 200 });
    expect(at(1_120, 950)).toBeGreaterThan(-22);
    expect(at(460, 1_800)).toBeGreaterThan(-22);
    await close(test, owner);
  });

  it('in conference leaves caller and callee to themselves, or to a coach where the connector asks for one', async () => {
    for (const connected of [false, true]) {
      const test = await answeredLine({ connector: { takeover: { connected } } });
      const { line, owner, caller, callee, call, settled, clock } = test;
      const heir = await startAgent(line);
      const connecting = call.connect({ mode: 'spy' });
      await settled(callee.until('ringing'));
      callee.answer();
      await settled(connecting);
      owner.kill();
      await clock.advance(3_000);
      expect([caller.state, callee.state]).toEqual(['answered', 'answered']);
      const found = heir.calls.map(({ state, mode, takenOver }) => ({ state, mode, takenOver }));
      expect(found).toEqual(connected ? [{ state: 'CONNECTED', mode: 'spy', takenOver: true }] : []);
      await close(test, owner, heir);
    }
  });
});

describe('an owner that lives behind a dead line', () => {
  it('is told once that the call is somebody else’s, and the new owner notices nothing', async () => {
    const test = await answeredLine();
    const { line, owner, call, ends, settled, clock, network } = test;
    const heir = await startAgent(line);
    const media = network.connections().findLast(({ url }) => url.endsWith('/media'));
    const taking = heir.nextCall();
    media?.stall('toServer');
    owner.reachable = false;
    // Silent for 2 s, and waited for 5 s more.
    const taken = await taking;
    owner.reachable = true;
    expect(await settled(call.ended)).toEqual({ reason: 'taken_over', by: 'switch' });
    await clock.advance(20_000);
    expect(ends).toMatchObject([{ type: 'call.terminated', reason: 'taken_over', by: 'switch' }]);
    await expect(call.answer()).rejects.toThrow(/taken_over/);
    expect([taken.state, heir.calls.length, owner.calls.length]).toEqual(['ANSWERED', 1, 1]);
    await close(test, owner, heir);
  });
});

describe('a client that drains', () => {
  it('hands its answered call over at the deadline, and the caller stays', async () => {
    const test = await answeredLine();
    const { line, owner, caller, call, ends, settled, clock } = test;
    const heir = await startAgent(line);
    const taking = heir.nextCall();
    const startMs = clock.now();
    await settled(owner.client.drain({ timeoutMs: 3_000 }));
    expect(clock.now() - startMs).toBe(3_000);
    expect(await call.ended).toEqual({ reason: 'left', by: 'agent' });
    expect(ends).toHaveLength(1);
    const taken = await taking;
    expect(taken).toMatchObject({ takenOver: true, state: 'ANSWERED', context: { name: 'Ada', step: 2 } });
    await settled(taken.play(speech));
    expect(caller.state).toBe('answered');
    await close(test, heir);
  });

  it('and has no successor leaves the caller to the callee', async () => {
    const test = await answeredLine();
    const { owner, caller, callee, settled } = test;
    await settled(owner.client.drain({ timeoutMs: 1_000 }));
    await settled(callee.until('ringing'));
    expect(caller.state).toBe('answered');
    callee.answer();
    await settled(callee.until('answered'));
    await close(test);
  });

  it('in the middle of an outage hands over as soon as it is back', async () => {
    const test = await answeredLine();
    const { line, owner, caller, call, settled, network, clock } = test;
    const heir = await startAgent(line);
    const draining = owner.client.drain({ timeoutMs: 1_000 });
    await clock.advance(950);
    network
      .connections()
      .findLast(({ url }) => url.endsWith('/media'))
      ?.cut();
    await settled(draining);
    expect(await call.ended).toEqual({ reason: 'left', by: 'agent' });
    await clock.advance(100);
    expect(heir.calls).toMatchObject([{ takenOver: true, state: 'ANSWERED' }]);
    expect(caller.state).toBe('answered');
    await close(test, heir);
  });

  it('offers a call that it has not answered to the next client, as a new one', async () => {
    const line = openVirtualSwitch();
    const { phones, settled, clock } = line;
    const owner = await startAgent(line);
    const arriving = owner.nextCall();
    phones.phone('+15550001').dial(calleeNumber);
    const call = await arriving;
    const heir = await startAgent(line, { client: { acceptsTakeover: false } });
    await settled(owner.client.drain({ timeoutMs: 500 }));
    await clock.advance(100);
    expect((await call.ended).reason).toBe('declined');
    expect(heir.calls).toMatchObject([{ takenOver: false, state: 'PENDING' }]);
    await settled(heir.client.disconnect());
    await line[Symbol.asyncDispose]();
  });
});

describe('close', () => {
  it('without a hand-over ends an answered call, whoever is ready', async () => {
    const test = await answeredLine();
    const { line, owner, caller, call, settled } = test;
    const heir = await startAgent(line);
    await settled(call.close());
    expect(await settled(caller.until('ended'))).toMatchObject({ reason: 'left', by: 'agent' });
    expect(heir.calls).toEqual([]);
    await close(test, owner, heir);
  });

  it('with one goes from process to process, each with what the one before it stored', async () => {
    const test = await answeredLine();
    const { line, settled } = test;
    const agents = [test.owner];
    let { call } = test;
    for (let step = 3; step < 6; step++) {
      await settled(call.setContext({ step }));
      const heir = await startAgent(line);
      const taking = heir.nextCall();
      await settled(call.close({ handOver: true }));
      call = await taking;
      expect(call.context).toEqual({ step });
      agents.push(heir);
    }
    expect(test.caller.state).toBe('answered');
    await close(test, ...agents);
  });
});
