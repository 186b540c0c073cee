import { defineConfig } from 'vitest/config';

// A project without file parallelism that names no `sequence.groupOrder` runs after all that have it; where one worker is all
// there is, so that nobody has it, the sequencer of the root configuration puts it last. With a `groupOrder` it would come first there.
export default defineConfig({
  test: {
    globalSetup: ['../start/src/vitest-setup.ts'],
    include: ['src/**/*.test.ts'],
    fileParallelism: false,
  },
});
