import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mustRun, StepFailure } from './must-run.ts';
import { rootFolder } from './root-folder.ts';

const startWithinMs = 30_000;
const callWithinMs = 60_000;
const endWithinMs = 10_000;

/** Writes the agent of the README, word for word, into a project outside the workspace. */
export async function writeReadmeAgent(folder: string): Promise<void> {
  const readme = await readFile(join(rootFolder, 'README.md'), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  if (code === undefined) throw new StepFailure('reading the agent of the README', 'README.md has no code');
  await writeFile(join(folder, 'agent.ts'), code);
}

/** Runs `agent.ts` under the project's own `agentao dev` and rings it with its own `agentao call`. Everything has ended afterwards. */
export async function callOutsideAgent(name: string, folder: string): Promise<void> {
  const agentao = join(folder, 'node_modules/@agentao/cli/bin/agentao.js');
  const dev = spawn(process.execPath, [agentao, 'dev', 'agent.ts', '--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  const gone = once(dev, 'close');
  let output = '';
  const ready = Promise.withResolvers<void>();
  for (const stream of [dev.stdout, dev.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('takes calls')) ready.resolve();
    });
  }
  try {
    const late = sleep(startWithinMs, 'late', { ref: false });
    const first = await Promise.race([ready.promise, gone.then(() => 'gone'), late]);
    if (first !== undefined) throw new StepFailure(`${name}: the agent of the README does not start`, output);
    // Without a key pressed: the shortest call there is.
    const call = ['node', agentao, 'call', '--json', '--keys', ''] as const;
    const what = `${name}: a call to the agent of the README`;
    const told = await mustRun(what, call, { cwd: folder, deadlineMs: callWithinMs });
    const result = JSON.parse(told.trimEnd().split('\n').at(-1) ?? '') as { readonly pass: boolean };
    if (!result.pass) throw new StepFailure(what, told);
  } finally {
    const killing = setTimeout(() => dev.kill('SIGKILL'), endWithinMs);
    dev.kill('SIGTERM');
    await gone;
    clearTimeout(killing);
  }
  if (dev.exitCode !== 0) throw new StepFailure(`${name}: agentao dev does not end well on SIGTERM`, output);
}
