import { readFileSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';

/** Every published entry point of the package that is being built: `./dist/x.js` comes from `src/x.ts`. */
function entryPoints(): Record<string, string> {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
    publishConfig: { exports: Record<string, { default: string } | string> };
  };
  const names = Object.values(manifest.publishConfig.exports).flatMap((target) =>
    typeof target === 'string' ? [] : [target.default.replace(/^\.\/dist\/(.+)\.js$/, '$1')],
  );
  return Object.fromEntries(names.map((name) => [name, `src/${name}.ts`]));
}

const options: Options = {
  entry: entryPoints(),
  format: 'esm',
  platform: 'neutral',
  target: 'es2024',
  dts: true,
  clean: true,
  sourcemap: true,
  splitting: true,
};

export default defineConfig(options);
