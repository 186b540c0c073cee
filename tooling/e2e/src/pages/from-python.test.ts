import type { ActiveCall } from '@agentao/calls';
import { afterAll, expect, it } from 'vitest';
import { openVirtualLine } from '../virtual-line.ts';
import { calleeNumber } from '../virtual-switch.ts';
import { readPage } from './page.ts';
import { heardLately, openProgramLine, speech } from './program-line.ts';
import { runBlock } from './run-block.ts';

const page = readPage('docs/from-python.md');
afterAll(() => page.expectAllRun());

async function load<F extends (...args: never[]) => unknown>(heading: string, name: string): Promise<F> {
  return (await runBlock(page.code(heading)))[name] as F;
}

it('shows each program in both languages', () => {
  for (const { heading } of page.blocks) {
    const section = page.text.slice(page.text.indexOf(`## ${heading}\n`)).split('\n## ')[0] ?? '';
    expect(section, heading).toContain('```python\n');
  }
  expect(page.blocks).toHaveLength(6);
});

it('echoes', async () => {
  await using line = openProgramLine();
  await line.start(page.code('Answer and echo'));
  const caller = line.phones.phone('+15550001');
  caller.dial(calleeNumber);
  await line.settled(caller.until('answered'));
  caller.say(speech(440, 1_000));
  await line.clock.advance(800);
  expect(heardLately(caller, 440)).toBeGreaterThan(-25);
});

it('connects, or apologises and ends the call', async () => {
  const heading = 'Connect, and nobody picks up';
  type Connect = (call: ActiveCall, sorry: Int16Array) => Promise<void>;
  const connectOrApologise = await load<Connect>(heading, 'connectOrApologise');
  for (const answers of [true, false]) {
    await using line = await openVirtualLine(answers ? { callee: { answerAfterMs: 500 } } : {});
    const { caller, settled } = line;
    const call = await line.ring();
    await settled(call.answer());
    await settled(connectOrApologise(call, speech(600, 1_000)));
    expect(call.state).toBe(answers ? 'CONNECTED' : 'DISCONNECTED');
    if (!answers) expect(heardLately(caller, 600, 500)).toBeGreaterThan(-22);
  }
});

it('coaches the callee, and the caller hears nothing of it', async () => {
  const coach = await load<(call: ActiveCall, hint: Int16Array) => Promise<void>>(
    'Coach: whisper, barge, spy',
    'coach',
  );
  await using line = await openVirtualLine({ callee: { answerAfterMs: 500 } });
  const { caller, callee, settled } = line;
  const call = await line.ring();
  await settled(coach(call, speech(600, 1_000)));
  expect(call.mode).toBe('spy');
  expect(callee.levelDb({ frequencyHz: 600 })).toBeGreaterThan(-22);
  expect(caller.heard({ fromMs: 600 }).every((sample) => sample === 0)).toBe(true);
});

it('clears when the buffer is full', async () => {
  type Stream = (call: ActiveCall, audio: AsyncIterable<Uint8Array>) => Promise<number>;
  const stream = await load<Stream>('Stream audio, and the buffer is full', 'stream');
  await using line = await openVirtualLine({ client: { bufferSize: 19_200 } });
  const { settled } = line;
  const call = await line.ring();
  await settled(call.answer());
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let sent = 0; sent < 6; sent++) yield new Uint8Array(9_600);
  }
  const cleared = await settled(stream(call, chunks()));
  expect(cleared).toBeGreaterThan(9_600);
  expect(await settled(call.waitForPlayout())).toBe('played');
});

it('runs handlers without parameters', async () => {
  type Watch = (call: ActiveCall, log: (line: string) => void) => void;
  const watch = await load<Watch>('Handlers without parameters', 'watch');
  await using line = await openVirtualLine();
  const call = await line.ring();
  const lines: string[] = [];
  watch(call, (text) => lines.push(text));
  await line.settled(call.answer());
  line.caller.hangUp();
  await line.settled(call.ended);
  expect(lines).toEqual(['answered', 'over']);
});

it.each([
  ['leave', 'left', 'answered'],
  ['end', 'disconnected', 'idle'],
  ['tear down', 'disconnected', 'idle'],
])('ends by %s', async (how, reason, state) => {
  const end = await load<(call: ActiveCall, how: string) => Promise<string>>(
    'Close, disconnect, force_disconnect',
    'end',
  );
  await using line = await openVirtualLine({ callee: { answerAfterMs: 500 } });
  const call = await line.ring();
  await line.settled(call.connect());
  expect(await line.settled(end(call, how))).toBe(reason);
  await line.clock.advance(100);
  expect(line.caller.state).toBe(state);
  expect(line.callee.state).toBe(state);
});
