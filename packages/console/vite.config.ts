import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Bundles the page into `dist/page`: hashed assets beside one index.html, licences of what is bundled included. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    outDir: 'dist/page',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'third-party-licenses.md' },
    reportCompressedSize: false,
  },
});
