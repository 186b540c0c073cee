import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const rootFolder = fileURLToPath(new URL('../../../', import.meta.url));

/** How to build the page. */
export interface BuildPageOptions {
  /** Told once when the build takes longer than a second. */
  readonly onSlow?: () => void;
}

const slowAfterMs = 1_000;

/**
 * Builds the page of the console unless it is built from what is there now. Prints nothing; rejects with what the build
 * wrote when it fails. There is no page then, rather than one of earlier sources.
 */
export async function buildPage({ onSlow = () => {} }: BuildPageOptions = {}): Promise<void> {
  const { args, folder } = buildCommand();
  // `node` may be a wrapper that stays in between and keeps signals to itself: this is the program itself.
  const build = spawn(process.execPath, args, {
    cwd: join(rootFolder, folder),
    // A test runner's own NODE_ENV would make it a page for development, with the paths of this machine in it.
    env: { ...process.env, NODE_ENV: 'production', TURBO_TELEMETRY_DISABLED: '1', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [build.stdout, build.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const timer = setTimeout(onSlow, slowAfterMs);
  const [exitCode] = await once(build, 'close').finally(() => clearTimeout(timer));
  if (exitCode === 0) return;
  await rm(join(rootFolder, 'packages/console/dist/page'), { recursive: true, force: true });
  throw new Error(`The page of the console could not be built.\n${output.trim()}`);
}

/** turbo knows whether anything has changed, and wants pnpm on the path; without it the page is built anew. */
function buildCommand(): { readonly args: readonly string[]; readonly folder: string } {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  const hasPnpm = path.some((folder) => ['pnpm', 'pnpm.cmd'].some((name) => existsSync(join(folder, name))));
  if (!hasPnpm) {
    const folder = 'packages/console';
    return { args: [join(rootFolder, folder, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], folder };
  }
  const turbo = join(rootFolder, 'node_modules/turbo/bin/turbo');
  const task = ['run', 'page', '--filter=@agentao/console'];
  return { args: [turbo, ...task, '--output-logs=errors-only', '--log-prefix=none'], folder: '.' };
}
