import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { createSystemClock } from '@agentao/clock';
import { openRecords } from '@agentao/switch/records';

// Processes take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const command = fileURLToPath(new URL('../bin/agentao.js', import.meta.url));

/** Runs a command with its output in a file; resolves with its exit code and what it says on standard error. */
async function run(program: string, args: readonly string[], out: number | 'pipe') {
  const child = spawn(program, args, { stdio: ['ignore', out, 'pipe'] });
  let problem = '';
  child.stderr?.on('data', (text: Buffer) => {
    problem += text.toString();
  });
  // A reader that goes away before the first line.
  child.stdout?.destroy();
  const exitCode = await new Promise((resolve) => child.once('close', resolve));
  return { exitCode, problem };
}

// Only Linux has a device that is always full.
describe.skipIf(process.platform !== 'linux')('standard output that takes no more (on Linux)', () => {
  const help = [command, 'records', '--help'];

  it('makes the command fail, with one line (/dev/full)', async () => {
    const full = openSync('/dev/full', 'w');
    const { exitCode, problem } = await run(process.execPath, help, full);
    closeSync(full);
    expect([exitCode, problem]).toEqual([1, expect.stringMatching(/^Standard output is not complete: ENOSPC.*\n$/)]);
  });

  it('makes it fail where the last line is cut, too (ulimit -f)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'agentao-output-'));
    const records = await openRecords({ folder: join(folder, 'records'), clock: createSystemClock(globalThis) });
    const parties = { connectorUuid: 'x', direction: 'MT', callerNumber: '', calleeNumber: '+15559999' } as const;
    records.store.write({ type: 'arrived', callId: 'call_1', ...parties, startedAtMs: 1 });
    const data = JSON.stringify('x'.repeat(150_000));
    records.store.write({ type: 'annotation', callId: 'call_1', seq: 0, atMs: 1, kind: 'x', data });
    await records.close();
    const file = openSync(join(folder, 'out'), 'w');
    const line = `ulimit -f 100; exec '${process.execPath}' '${command}' records export --folder '${folder}/records'`;
    const { exitCode, problem } = await run('bash', ['-c', line], file);
    closeSync(file);
    expect(readFileSync(join(folder, 'out'))).toHaveLength(102_400);
    expect([exitCode, problem]).toEqual([1, expect.stringMatching(/^Standard output is not complete: EFBIG.*\n$/)]);
    rmSync(folder, { recursive: true });
  });

  it('is no failure where the reader has gone away', async () => {
    expect(await run(process.execPath, help, 'pipe')).toEqual({ exitCode: 0, problem: '' });
  });
});
