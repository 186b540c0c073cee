import { defineConfig } from 'vitest/config';

// The fixtures hold files that look like tests and break rules.
export default defineConfig({ test: { include: ['src/**/*.test.ts'] } });
