import { existsSync, globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Browsers keep real time and need both cores: after everything else, and (as their project says) one file at a time. */
class BrowsersLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isBrowser = ({ project }: TestSpecification): boolean => project.name === '@agentao-tooling/browser';
    return [...sorted.filter((file) => !isBrowser(file)), ...sorted.filter(isBrowser)];
  }
}

const redaction = (file: string): string =>
  fileURLToPath(new URL(`tooling/e2e/src/redaction/${file}`, import.meta.url));

// Most of what the tests do is wait for sockets and processes: five files at a time even on two cores. A project does not inherit it.
const maxWorkers = Math.max(5, availableParallelism() - 1);

// Starting a worker and loading the modules for each of some hundred small files takes longer than their tests. Those of packages leave nothing behind,
// and share; what runs whole systems gets a worker of its own.
const isolate = (folder: string): boolean => !folder.startsWith('packages/');

// Ends a test that hangs. The runner's own bounds, five seconds and one, would be assertions about time in every test: a busy machine holds one up longer.
const patience = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } };

/** The projects of some folders; `extends` is their own configuration, where they have one. */
function plain(folders: string): object[] {
  return globSync(`${folders}/package.json`, { cwd: import.meta.dirname }).map((manifest) => {
    const folder = dirname(manifest);
    const { name } = JSON.parse(readFileSync(join(import.meta.dirname, manifest), 'utf8')) as { name: string };
    const config = join(import.meta.dirname, folder, 'vitest.config.ts');
    return {
      ...(existsSync(config) ? { extends: config } : {}),
      root: folder,
      test: { ...patience, name, maxWorkers, isolate: isolate(folder) },
    };
  });
}

/** A project in which everything that is written to logs and spans is searched for every secret that was used. */
function searched(
  folder: string,
  extra: { readonly extends?: string; readonly setup?: readonly string[]; readonly maxWorkers?: number } = {},
): object {
  const { name } = JSON.parse(readFileSync(new URL(`${folder}/package.json`, import.meta.url), 'utf8')) as {
    name: string;
  };
  const setupFiles = ['setup.ts', ...(extra.setup ?? [])].map(redaction);
  const own = { setupFiles, maxWorkers: extra.maxWorkers ?? maxWorkers, isolate: isolate(folder) };
  const test = { ...patience, name, ...own };
  return { ...(extra.extends ? { extends: extra.extends } : {}), root: folder, test };
}

export default defineConfig({
  test: {
    maxWorkers,
    projects: [
      ...plain('packages/!(adk|agent|business|calls|gemini|switch|testing|cli)'),
      searched('packages/calls', { setup: ['client-keys.ts'] }),
      searched('packages/agent'),
      searched('packages/business'),
      searched('packages/gemini'),
      searched('packages/switch'),
      searched('packages/testing'),
      searched('packages/cli'),
      ...globSync('apps/*/package.json', { cwd: import.meta.dirname }).map((manifest) => searched(dirname(manifest))),
      ...plain('tooling/!(e2e|bench|browser)'),
      searched('tooling/bench', { setup: ['client-keys.ts'] }),
      searched('tooling/browser', {
        extends: './tooling/browser/vitest.config.ts',
        setup: ['client-keys.ts'],
        maxWorkers: 1,
      }),
      searched('tooling/e2e', { extends: './tooling/e2e/vitest.config.ts', setup: ['client-keys.ts'] }),
    ],
    sequence: { sequencer: BrowsersLast },
  },
});
