import { fileURLToPath } from 'node:url';
import type { ViteUserConfig } from 'vitest/config';

const beside = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

// Files that are to fail are no tests of any project.
const config: ViteUserConfig = {
  test: {
    include: ['*.planted.ts'],
    setupFiles: [beside('../setup.ts'), beside('../client-keys.ts')],
  },
};

export default config;
