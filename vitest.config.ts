import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
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

/** A project in which everything that is written to logs and spans is searched for every secret that was used. */
function searched(
  folder: string,
  extra: { readonly extends?: string; readonly setup?: readonly string[] } = {},
): object {
  const { name } = JSON.parse(readFileSync(new URL(`${folder}/package.json`, import.meta.url), 'utf8')) as {
    name: string;
  };
  const setupFiles = ['setup.ts', ...(extra.setup ?? [])].map(redaction);
  return { ...(extra.extends ? { extends: extra.extends } : {}), root: folder, test: { name, setupFiles } };
}

export default defineConfig({
  test: {
    // Much of what the tests do is wait for sockets and processes: two files at a time even on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      'packages/!(calls|switch|testing|cli)',
      searched('packages/calls', { setup: ['client-keys.ts'] }),
      searched('packages/switch'),
      searched('packages/testing'),
      searched('packages/cli'),
      'apps/*',
      'tooling/!(e2e|bench|browser)',
      searched('tooling/bench', { setup: ['client-keys.ts'] }),
      searched('tooling/browser', { extends: './tooling/browser/vitest.config.ts', setup: ['client-keys.ts'] }),
      searched('tooling/e2e', { extends: './tooling/e2e/vitest.config.ts', setup: ['client-keys.ts'] }),
    ],
    sequence: { sequencer: BrowsersLast },
  },
});
