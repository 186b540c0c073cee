import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';

/** Every published entry point of the package that is being built, and the code of its threads: `./dist/x.js` comes from `src/x.ts`. */
function entryPoints(): Record<string, string> {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
    publishConfig: { exports: Record<string, { default: string } | string> };
  };
  const names = Object.values(manifest.publishConfig.exports).flatMap((target) =>
    typeof target === 'string' ? [] : [target.default.replace(/^\.\/dist\/(.+)\.js$/, '$1')],
  );
  const workers = readdirSync('src').flatMap((file) => /^(.+-worker)\.ts$/.exec(file)?.[1] ?? []);
  return Object.fromEntries([...names, ...workers].map((name) => [name, `src/${name}.ts`]));
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
  // `node:sqlite` has no name without it.
  removeNodeProtocol: false,
  external: [/^node:/],
};

export default defineConfig(options);
