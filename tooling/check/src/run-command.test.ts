import { describe, expect, it } from 'vitest';
import { runCommand } from './run-command.ts';

describe('running a command', () => {
  it('keeps both outputs and tells success from failure', async () => {
    const good = await runCommand(['node', '-e', 'console.log("out"); console.error("err")']);
    expect(good.ok).toBe(true);
    expect(good.output).toContain('out\n');
    expect(good.output).toContain('err\n');
    expect((await runCommand(['node', '-e', 'process.exit(3)'])).ok).toBe(false);
    expect((await runCommand(['no-such-program'])).ok).toBe(false);
  });

  it('ends a command that spins, with what it started, at its deadline', async () => {
    const spin = 'for (;;);';
    const script = `require('node:child_process').spawn(process.execPath, ['-e', '${spin}'], { stdio: 'inherit' }); ${spin}`;
    const { ok, output } = await runCommand(['node', '-e', script], { deadlineMs: 200 });
    expect(ok).toBe(false);
    // The output ends only when the grandchild, which holds it too, is gone.
    expect(output).toContain('no end after 0.2 s');
  });
});
