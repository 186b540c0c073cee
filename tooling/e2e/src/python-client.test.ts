import { tone } from '@agentao/audio';
import type { Phone } from '@agentao/switch/testing';
import { describe, expect, it } from 'vitest';
import { type Burst, bursts, eventually, openPythonLine, type PythonProgram, python } from './python.ts';
import { calleeNumber } from './real-line.ts';

const callerHz = 440;
const calleeHz = 700;

describe.skipIf(python === undefined)('the client in Python, written from PROTOCOL.md alone', () => {
  it('answers, echoes, and falls silent at once when it clears', async () => {
    await using line = await openPythonLine();
    const agent = await startAgent(line.run('agent.py'));
    const caller = line.phones.phone('+15550001');
    caller.dial(calleeNumber);
    await caller.until('answered');
    caller.say(speech(callerHz, 8_000));
    await heard(caller, callerHz, 0, 1);
    const pressedMs = caller.heardMs;
    caller.press('*');
    const [before, after] = await heard(caller, callerHz, pressedMs, 2);

    // A second waits to be heard, in the agent and in the switch. None of it is, so a second of silence follows.
    const cleared = Number(/ cleared (\d+) samples/.exec(agent.err)?.[1]);
    expect(cleared).toBeGreaterThan(0.9 * 24_000);
    expect(after.fromMs - before.toMs).toBeGreaterThan(900);
    expect(before.toMs).toBeLessThan(pressedMs + 1_000);
    expect(before.peakDb).toBeCloseTo(-15, 0);
    caller.hangUp();
    await logged(agent, 'call.terminated', 'reason=hangup by=caller');
  });

  it('connects, whispers, barges, spies and leaves, as the two phones hear it', async () => {
    await using line = await openPythonLine();
    const agent = await startAgent(line.run('agent.py'));
    const caller = line.phones.phone('+15550001');
    const callee = line.phones.phone(calleeNumber);
    caller.dial(calleeNumber);
    await caller.until('answered');
    caller.press('1');
    await callee.until('ringing');
    callee.answer();
    await logged(agent, 'call.connected', 'mode=barge');

    const barge = { caller: caller.heardMs, callee: callee.heardMs };
    caller.say(speech(callerHz, 400));
    const [, bargeEcho] = await heard(callee, callerHz, barge.callee, 2);
    await heard(caller, callerHz, barge.caller, 1);
    callee.say(speech(calleeHz, 400));
    await heard(callee, calleeHz, barge.callee, 1);
    await heard(caller, calleeHz, barge.caller, 2);
    expect(bargeEcho.peakDb).toBeCloseTo(-15, 0);

    caller.press('2');
    await logged(agent, 'call.mode_changed', 'mode=whisper');
    const whisper = { caller: caller.heardMs, callee: callee.heardMs };
    caller.say(speech(callerHz, 400));
    const [, whisperEcho] = await heard(callee, callerHz, whisper.callee, 2);
    expect(whisperEcho.peakDb).toBeCloseTo(-15, 0);
    expect(bursts(caller, callerHz, whisper.caller, whisperEcho.peakDb - 60)).toEqual([]);

    caller.press('4');
    await logged(agent, 'call.mode_changed', 'mode=spy');
    await onlyDirect(caller, callee);

    caller.press('3');
    await logged(agent, 'call.mode_changed', 'mode=barge');
    const again = caller.heardMs;
    caller.say(speech(callerHz, 400));
    await heard(caller, callerHz, again, 1);

    caller.press('9');
    await logged(agent, 'call.terminated', 'reason=left by=agent');
    await onlyDirect(caller, callee);
    await onlyDirect(callee, caller);
    expect([caller.state, callee.state]).toEqual(['answered', 'answered']);
  });

  it('ends the call for all at a key', async () => {
    await using line = await openPythonLine();
    await startAgent(line.run('agent.py'));
    const caller = line.phones.phone('+15550001');
    caller.dial(calleeNumber);
    await caller.until('answered');
    caller.press('#');
    expect(await caller.until('ended')).toMatchObject({ reason: 'disconnected', by: 'agent' });
  });

  it('leaves its calls at SIGTERM and ends with code 0', async () => {
    await using line = await openPythonLine();
    const agent = await startAgent(line.run('agent.py'));
    const caller = line.phones.phone('+15550001');
    caller.dial(calleeNumber);
    await caller.until('answered');
    agent.stop();
    expect(await caller.until('ended')).toMatchObject({ reason: 'left', by: 'agent' });
    expect(await agent.exitCode).toBe(0);
    expect(agent.out).toBe('ready\n');
    expect(caller.dial(calleeNumber).accepted).toBe(true);
    await caller.until('ended');
  });

  it('sees every fault of a wrong client answered as documented', async () => {
    await using line = await openPythonLine();
    const wrong = line.run('wrong_client.py');
    let calls = 0;
    wrong.onLine('waiting for a call', () => {
      line.phones.phone(`+1777${++calls}`).dial(calleeNumber);
    });
    const exitCode = await wrong.exitCode;
    expect(wrong.err).toBe('');
    expect(wrong.out.split('\n').filter((row) => row.endsWith('WRONG'))).toEqual([]);
    const summary: unknown = JSON.parse(wrong.out.trimEnd().split('\n').at(-1) ?? '');
    expect(summary).toMatchObject({ name: 'wrong-client', pass: true });
    expect(exitCode).toBe(0);
  });

  it('makes of every vector what the vector says', async () => {
    await using line = await openPythonLine();
    const vectors = line.run('check_vectors.py');
    expect([await vectors.exitCode, vectors.err]).toEqual([0, '']);
    expect(vectors.out).toContain('"pass": true');
  });
});

/** Resolves when the agent takes calls. */
async function startAgent(agent: PythonProgram): Promise<PythonProgram> {
  await eventually(() => agent.out.includes('ready\n'), `ready from the agent: ${agent.err}`);
  return agent;
}

function speech(frequencyHz: number, durationMs: number): Int16Array {
  return tone({ frequencyHz, durationMs, sampleRateHz: 24_000, levelDb: -15 });
}

/** Resolves with the stretches in which a phone has heard a tone, once there are so many, the last one well under way. */
async function heard<Count extends 1 | 2>(phone: Phone, frequencyHz: number, fromMs: number, count: Count) {
  const isLong = (burst: Burst | undefined): boolean => burst !== undefined && burst.toMs - burst.fromMs >= 120;
  const found = (): readonly Burst[] => bursts(phone, frequencyHz, fromMs);
  await eventually(() => isLong(found()[count - 1]), `${count} times ${frequencyHz} Hz`);
  return found() as unknown as Count extends 2 ? [Burst, Burst] : [Burst];
}

/** What one says is heard by the other, once; for as long as an echo takes nobody hears the agent repeat it. */
async function onlyDirect(from: Phone, to: Phone): Promise<void> {
  const startMs = { from: from.heardMs, to: to.heardMs };
  from.say(speech(callerHz, 400));
  const [direct] = await heard(to, callerHz, startMs.to, 1);
  await eventually(() => to.heardMs > direct.fromMs + 2_000, 'two seconds more at the ear');
  const floorDb = direct.peakDb - 60;
  expect(bursts(to, callerHz, startMs.to, floorDb).length).toBe(1);
  expect(bursts(from, callerHz, startMs.from, floorDb)).toEqual([]);
}

/** Resolves when the agent has logged an event with these fields. */
function logged(agent: PythonProgram, event: string, fields: string): Promise<void> {
  const lines = (): string[] => agent.err.split('\n').filter((line) => line.includes(event) && line.includes(fields));
  return eventually(() => lines().length > 0, `${event} ${fields} in ${agent.err}`);
}
