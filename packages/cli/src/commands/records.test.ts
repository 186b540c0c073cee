import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeWav } from '@agentao/audio';
import { createSystemClock } from '@agentao/clock';
import { openRecords } from '@agentao/switch/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTerminal } from '../output/terminal.ts';
import { createProgram } from '../program.ts';

const clock = createSystemClock(globalThis);
const startedAtMs = Date.UTC(2026, 0, 31, 8);
let cwd: string;

/** Two calls, the second one recorded: two ticks of each party. */
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'agentao-records-command-'));
  await using records = await openRecords({ folder: join(cwd, 'records'), clock });
  const { store, recorder } = records;
  const parties = {
    connectorUuid: 'support',
    direction: 'MT',
    callerNumber: '+15550001',
    calleeNumber: '+15559999',
  } as const;
  for (const [i, callId] of ['call_1', 'call_2'].entries()) {
    store.write({ type: 'arrived', callId, ...parties, startedAtMs: startedAtMs + i * 3_600_000 });
    store.write({
      type: 'annotation',
      callId,
      seq: 0,
      atMs: 5,
      kind: 'turn',
      data: '{"text":"a\\u001b[31m red word"}',
    });
    store.write({ type: 'timeline', callId, seq: 0, atMs: 4, kind: 'state', fields: '{"stage":"answered"}' });
    store.write({ type: 'ended', callId, atMs: 12_340, reason: 'hangup', by: 'caller' });
  }
  await new Promise<void>((resolve) => {
    const header = {
      callId: 'call_2',
      connectorUuid: 'support',
      startedAtMs,
      startMs: 0,
      startTick: 0,
      consentClip: undefined,
    };
    const sink = recorder?.begin(header, (recording) => {
      store.write({ type: 'recording', callId: 'call_2', recording });
      if (recording.state !== 'recording') resolve();
    });
    const said = (value: number): Int16Array => new Int16Array(480).fill(value);
    for (let tick = 0; tick < 2; tick++) sink?.write(tick, { caller: said(1), callee: said(2), agent: said(3) });
    sink?.end(2);
  });
});
afterAll(() => rm(cwd, { recursive: true }));

async function run(
  ...args: string[]
): Promise<{ error: unknown; lines: readonly string[]; exitCode: number | undefined }> {
  let out = '';
  const write = (text: string): void => {
    out += text;
  };
  const connect = (): Promise<never> => Promise.reject(new Error('no network in this test'));
  const terminal = createTerminal({ out: { write }, err: { write } }, {});
  let exitCode: number | undefined;
  const program = createProgram({ clock, connect, fetch, terminal, cwd }, (code) => {
    exitCode = code;
  });
  const error = await program.parseAsync(['records', ...args], { from: 'user' }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, lines: out.split('\n').filter((line) => line !== ''), exitCode };
}

describe('agentao records', () => {
  it('lists calls, the newest first, with what became of them', async () => {
    const { lines, exitCode } = await run('list');
    expect(exitCode).toBe(0);
    expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      ' 2026-01-31T09:00:00.000Z call_2 +15550001 -> +15559999 12.3 s hangup recording: complete',
      ' 2026-01-31T08:00:00.000Z call_1 +15550001 -> +15559999 12.3 s hangup',
    ]);
  });

  it.each([
    [['--limit', '1'], ['call_2']],
    [['--since', '2026-01-31T08:30Z'], ['call_2']],
    [['--until', '2026-01-31T08:30Z'], ['call_1']],
    [['--connector', 'sales'], []],
  ])('lists only what is asked for: %j', async (args, expected) => {
    const { lines } = await run('list', '--json', ...args);
    expect(lines.map((line) => (JSON.parse(line) as { callId: string }).callId)).toEqual(expected);
  });

  it('shows one call, and nothing in it steers the terminal', async () => {
    const { lines } = await run('show', 'call_1');
    expect(lines.join('\n')).toMatch(
      /connector support, answered -, .*\n.*0\.004 s {2}state {2}\{"stage":"answered"\}\n.*0\.005 s {2}\+ turn/s,
    );
    expect(lines.join('\n')).not.toContain('\u001b');
  });

  it('exports records as JSON lines, the oldest first', async () => {
    const { lines } = await run('export');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { callId: 'call_1', annotations: [{ kind: 'turn' }] },
      { callId: 'call_2', recording: { state: 'complete' } },
    ]);
    await run('export', 'call_1', '--out', 'one.jsonl');
    expect(JSON.parse(await readFile(join(cwd, 'one.jsonl'), 'utf8'))).toMatchObject({ callId: 'call_1' });
  });

  it('exports a recording as a WAV, and overwrites nothing', async () => {
    expect((await run('export', 'call_2', '--wav', 'parties', '--out', 'call.wav')).exitCode).toBe(0);
    const { samples, channels } = decodeWav(await readFile(join(cwd, 'call.wav')));
    expect([channels, samples.length, ...samples.subarray(0, 3)]).toEqual([3, 3 * 960, 1, 2, 3]);
    const { error } = await run('export', 'call_2', '--wav', 'mono', '--out', 'call.wav');
    expect(error).toMatchObject({
      name: 'CommandError',
      message: expect.stringContaining('is there already') as string,
    });
  });

  it('says of a call without an end that it is live while a switch has the folder, and interrupted after', async () => {
    const folder = join(cwd, 'cut');
    const records = await openRecords({ folder, clock });
    const parties = { connectorUuid: 'support', direction: 'MT', callerNumber: '', calleeNumber: '+15559999' } as const;
    records.store.write({ type: 'arrived', callId: 'call_3', ...parties, startedAtMs });
    const path = 'recordings/2026-01-31/call_3';
    records.store.write({ type: 'recording', callId: 'call_3', recording: { state: 'recording', path } });
    await records.flush();
    const texts = async (): Promise<string[]> => [
      ...(await run('list', '--folder', 'cut')).lines,
      ...(await run('show', 'call_3', '--folder', 'cut')).lines,
    ];
    for (const line of (await texts()).slice(0, 2)) expect(line).toMatch(/ live .* recording: recording$/);
    await records.close();
    for (const line of (await texts()).slice(0, 2))
      expect(line).toMatch(/ - {2}interrupted {3}recording: interrupted$/);
  });

  it.each([
    [['show', 'call_9'], /There is no call call_9/],
    [['list', '--folder', 'nowhere'], /There are no records in .*nowhere/],
    [['export', 'call_1', '--wav', 'mono', '--out', 'none.wav'], /was not recorded/],
    [['export', 'call_2', '--wav', 'mono'], /goes into a file/],
  ])('says in one line what is wrong: %j', async (args, message) => {
    const { error } = await run(...args);
    expect(error).toMatchObject({ name: 'CommandError', message: expect.stringMatching(message) as string });
  });

  it.each([
    [['list', '--since', 'yesterday'], /A time is a date/],
    [['list', '--limit', '0'], /whole number above 0/],
    [['export', 'call_2', '--wav', 'stereo'], /Allowed choices are mono, parties/],
  ])('refuses arguments at fault: %j', async (args, message) => {
    expect((await run(...args)).error).toMatchObject({ message: expect.stringMatching(message) as string });
  });
});
