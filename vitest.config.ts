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

export default defineConfig({
  test: {
    projects: ['packages/*', 'apps/*', 'tooling/*'],
    sequence: { sequencer: BrowsersLast },
  },
});
