import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { rootFolder } from './root-folder.ts';

const configuration = `${rootFolder}/tooling/config/tsconfig.pure.json`;

/** Type errors of one source file under the configuration that layer 0 compiles with. */
function typeErrors(text: string): readonly string[] {
  const file = `${rootFolder}/tooling/config/planted.ts`;
  const { config } = ts.readConfigFile(configuration, (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, `${rootFolder}/tooling/config`);
  const host = ts.createCompilerHost(options);
  const readFile = host.readFile.bind(host);
  host.readFile = (name): string | undefined => (name === file ? text : readFile(name));
  const fileExists = host.fileExists.bind(host);
  host.fileExists = (name): boolean => name === file || fileExists(name);
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program).map((d) => ts.flattenDiagnosticMessageText(d.messageText, '\n'));
}

describe('the configuration of layer 0', () => {
  it('accepts plain language and typed arrays', () => {
    expect(typeErrors('export const ring: Int16Array = new Int16Array(Math.max(1, 2));')).toEqual([]);
  });

  it.each([
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
    'Buffer',
    'fetch',
    'console',
    'process',
    'performance',
  ])('does not know %s', (name) => {
    expect(typeErrors(`export const planted: unknown = ${name};`).join()).toContain(`'${name}'`);
  });

  it('does not resolve node: modules', () => {
    expect(
      typeErrors("import { readFileSync } from 'node:fs';\nexport const planted: unknown = readFileSync;").join(),
    ).toContain('node:fs');
  });
});
