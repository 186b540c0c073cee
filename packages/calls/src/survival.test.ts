import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('./testing/survivor.ts', import.meta.url));

interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

function run(...args: string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { timeout: 20_000 });
    let output = '';
    let errors = '';
    child.stdout.on('data', (data) => (output += String(data)));
    child.stderr.on('data', (data) => (errors += String(data)));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output, errors }));
  });
}

describe('a process', () => {
  it('lives on, with its other calls, whatever subscribers throw and however rejections go unawaited', async () => {
    expect(await run()).toEqual({ code: 0, output: 'alive ANSWERED 0,480\n', errors: '' });
  });

  it('would end by the same slip on a plain Observable', async () => {
    const { code, errors } = await run('control');
    expect(code).toBe(1);
    expect(errors).toContain('slip');
  });
});
