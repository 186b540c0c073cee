import { resolve } from 'node:path';
import ts from 'typescript';
import { rootFolder } from './root-folder.ts';

/** Files parsed so far: the library and the sources of siblings are the same for every project. */
const parsedFiles = new Map<string, ts.SourceFile | undefined>();

const formatHost: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => rootFolder,
  getNewLine: () => '\n',
};

function createSharingHost(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const parse = host.getSourceFile.bind(host);
  host.getSourceFile = (name, options, onError): ts.SourceFile | undefined => {
    const format = typeof options === 'object' ? options.impliedNodeFormat : undefined;
    const key = `${format} ${name}`;
    if (!parsedFiles.has(key)) parsedFiles.set(key, parse(name, options, onError));
    return parsedFiles.get(key);
  };
  return host;
}

/** What became of one project. */
export interface CheckedProject {
  /** What is wrong, as `tsc` prints it; empty if nothing is. */
  readonly faults: string;
  /** The files that the configuration names; their imports are judged by their own project. */
  readonly fileNames: readonly string[];
}

/** Does what `tsc -p` does for a configuration (a path from the root of the repository, or an absolute one), without emitting. */
export function checkProject(configuration: string): CheckedProject {
  const faults: ts.Diagnostic[] = [];
  const project = ts.getParsedCommandLineOfConfigFile(
    resolve(rootFolder, configuration),
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (fault) => faults.push(fault) },
  );
  const { options = {}, fileNames = [], errors = [] } = project ?? {};
  const program = ts.createProgram({ rootNames: fileNames, options, host: createSharingHost(options) });
  faults.push(...errors, ...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics());
  for (const name of fileNames) {
    const file = program.getSourceFile(name);
    if (!file) continue;
    faults.push(...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file));
    if (options.declaration === true) faults.push(...program.getDeclarationDiagnostics(file));
  }
  return { faults: ts.formatDiagnostics(faults, formatHost), fileNames };
}
