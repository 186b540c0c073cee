import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeWav, toneLevelDb } from '@agentao/audio';
import { createSystemClock, sleep } from '@agentao/clock';
import { openCallArchive, openRecords } from '@agentao/switch/records';
import { afterEach, beforeEach, expect, it } from 'vitest';

const clock = createSystemClock(globalThis);
const program = fileURLToPath(new URL('recording-process.ts', import.meta.url));
const rate = 24_000;

let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentao-killed-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** What the process says, one line of JSON each. */
interface Line {
  readonly connected?: string;
  readonly atMs?: number;
  readonly live?: number;
  readonly log?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly store?: { readonly waiting: number };
  readonly recorder?: {
    readonly stopped: { readonly disk_full: number };
    readonly completed: number;
    readonly active: number;
  };
}

function run(calls: number, limitBlocks?: number) {
  const [command, args] =
    limitBlocks === undefined
      ? [process.execPath, [program, folder, String(calls)]]
      : ['sh', ['-c', `ulimit -f ${limitBlocks}; exec "$0" "$@"`, process.execPath, program, folder, String(calls)]];
  const started = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  child = started;
  const lines: Line[] = [];
  let rest = '';
  let complaints = '';
  started.stderr?.on('data', (data) => {
    complaints += String(data);
  });
  started.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) lines.push(JSON.parse(part) as Line);
  });
  const said = async (condition: (line: Line) => boolean): Promise<Line> => {
    for (let waitedMs = 0; waitedMs < 30_000; waitedMs += 20) {
      const line = lines.find(condition);
      if (line !== undefined) return line;
      if (started.exitCode !== null) break;
      await sleep(clock, 20);
    }
    throw new Error(
      `never said; ${complaints}${lines
        .map((line) => JSON.stringify(line))
        .join('\n')
        .slice(-2_000)}`,
    );
  };
  return { process: started, lines, said, newest: () => lines.findLast(({ atMs }) => atMs !== undefined) as Line };
}

/** Folder of the only recording there is. */
function recordingFolder(): string {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) =>
    name.endsWith('timeline.jsonl'),
  );
  return dirname(join(folder, found ?? ''));
}

function wavOf(callId: string, content: 'mono' | 'parties') {
  using archive = openCallArchive({ folder });
  return decodeWav(Buffer.concat([...archive.wav(callId, content)].map((piece) => Uint8Array.from(piece))));
}

it('killed with -9 at any moment, leaves records and recordings readable up to a second before that', async () => {
  const { process: killed, said, newest } = run(1);
  const { connected: callId = '' } = await said(({ connected }) => connected !== undefined);
  const path = recordingFolder();
  const { startMs } = JSON.parse(readFileSync(join(path, 'timeline.jsonl'), 'utf8').split('\n', 1)[0] ?? '') as {
    startMs: number;
  };
  const recordedMs = (): number => startMs + (statSync(join(path, 'agent.wav')).size - 44) / 48;
  // At whatever moment it is killed: what it has not written yet is always less than a second.
  const missingMs: number[] = [];
  for (let i = 0; i < 20; i++) {
    await sleep(clock, 100 + Math.random() * 50);
    missingMs.push((newest().atMs ?? 0) - recordedMs());
  }
  expect(Math.max(...missingMs), String(missingMs)).toBeLessThan(1_000);
  killed.kill('SIGKILL');
  const { atMs = 0 } = newest();
  await once(killed, 'exit');

  // The switch that comes after it: what was live is interrupted.
  const again = await openRecords({ folder, clock });
  await again.close();
  using archive = openCallArchive({ folder });
  const call = archive.get(callId);
  expect(call).toMatchObject({ endReason: 'interrupted', endedBy: 'switch', recording: { state: 'interrupted' } });
  expect(call.answeredMs).toBeGreaterThan(0);
  expect(call.connectedMs).toBeGreaterThan(0);
  expect(call.annotations.map(({ kind }) => kind)).toContain('greeting');
  const lastAnnotationMs = Math.max(...call.annotations.map((annotation) => annotation.atMs));
  expect(atMs - lastAnnotationMs, 'the last row').toBeLessThan(1_000);

  const { samples, channels } = wavOf(callId, 'parties');
  const folderOfCall = join(folder, call.recording.path ?? '');
  const recordedUntilMs = startMs + (samples.length / channels / rate) * 1_000;
  expect(atMs - recordedUntilMs, `lost of ${atMs} ms`).toBeLessThan(1_000);
  for (const [channel, frequencyHz] of [440, 1_000, 600].entries()) {
    const track = Int16Array.from(
      { length: rate / 2 },
      (_, i) => samples[samples.length - channels * (rate / 2 - i) + channel] as number,
    );
    expect(toneLevelDb(track, { frequencyHz, sampleRateHz: rate }), `channel ${channel}`).toBeGreaterThan(-26);
    const foreign = [440, 1_000, 600].filter((other) => other !== frequencyHz);
    for (const other of foreign)
      expect(toneLevelDb(track, { frequencyHz: other, sampleRateHz: rate })).toBeLessThan(-60);
  }
  // Each file is a WAV by itself, whatever program reads it.
  for (const party of ['caller', 'callee', 'agent']) {
    const file = readFileSync(join(folderOfCall, `${party}.wav`));
    expect(file.readUInt32LE(40) + 44).toBeLessThanOrEqual(file.length);
    expect(file.length - file.readUInt32LE(40)).toBeLessThan(rate * 2);
  }
  expect(readdirSync(folder, { recursive: true }).join()).not.toContain('1555');
});

it('goes on with the call when there is no room for its recording, keeps what there is, and tries again with the next', async () => {
  // Files of at most 400 KB (in blocks of 512 bytes): eight seconds of a track, more than the database needs.
  const { process: running, lines, said, newest } = run(2, 800);
  const [first, second] = [
    await said(({ connected }) => connected !== undefined),
    await said(({ recorder }) => recorder?.stopped.disk_full === 2),
  ];
  expect(second.live).toBe(2);
  const stopped = lines.filter(
    ({ log, message }) => log === 'error' && message?.startsWith('recording stopped') === true,
  );
  expect(stopped).toHaveLength(1);
  expect(lines.filter(({ message }) => message?.startsWith('call records') === true)).toEqual([]);
  expect(stopped[0]).toMatchObject({ reason: 'disk_full', fix: expect.stringContaining('ulimit -f') as string });
  const { atMs = 0 } = newest();
  await said((line) => (line.atMs ?? 0) > atMs + 500);
  expect(newest().live, 'calls go on').toBe(2);
  running.send('hang up');
  await said(({ live }) => live === 0);
  await said(({ live, store }) => live === 0 && store?.waiting === 0);
  running.kill('SIGKILL');
  await once(running, 'exit');
  using archive = openCallArchive({ folder });
  const call = archive.get(first.connected ?? '');
  expect(call).toMatchObject({ endReason: 'hangup', recording: { state: 'stopped', reason: 'disk_full' } });
  const { samples } = wavOf(call.callId, 'mono');
  expect(samples.length / rate).toBeGreaterThan(7);
  expect(toneLevelDb(samples.subarray(4 * rate, 5 * rate), { frequencyHz: 440, sampleRateHz: rate })).toBeGreaterThan(
    -26,
  );
});
