import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** What the compiler says of these modules, given by a name each; they are seen as if they lay beside the tests of this package. */
export function typeFaults(modules: ReadonlyMap<string, string>): readonly string[] {
  const folder = fileURLToPath(new URL('..', import.meta.url));
  const sources = new Map([...modules].map(([name, code]) => [`${folder}${name}.ts`, code]));
  const { config } = ts.readConfigFile(`${folder}../tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, `${folder}..`);
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (file) => sources.has(file) || fileExists(file);
  host.getSourceFile = (file, version, ...rest) => {
    const source = sources.get(file);
    return source === undefined ? getSourceFile(file, version, ...rest) : ts.createSourceFile(file, source, version);
  };
  const program = ts.createProgram([...sources.keys()], options, host);
  return [...sources.keys()].flatMap((file) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map(({ messageText, file: at, start = 0 }) => {
      const line = (at?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
      return `${file.slice(folder.length)}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    }),
  );
}
