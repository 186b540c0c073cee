import { defineConfig } from 'vitest/config';

// What serves the console needs its page.
export default defineConfig({ test: { globalSetup: ['../start/src/vitest-setup.ts'] } });
