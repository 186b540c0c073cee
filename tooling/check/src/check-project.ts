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

/** What became of some projects. */
export interface CheckedProjects {
  /** What is wrong, as `tsc` prints it; empty if nothing is. */
  readonly faults: string;
  /** The files that the configurations name; their imports are judged by their own project. */
  readonly fileNames: readonly string[];
}

interface Group {
  readonly options: ts.CompilerOptions;
  readonly fileNames: Set<string>;
}

/**
 * Does what `tsc -p` does for each configuration (a path from the root of the repository, or an absolute one), without emitting. Those with the same options are one
 * program: what they share is checked once.
 */
export function checkProjects(configurations: readonly string[]): CheckedProjects {
  const faults: ts.Diagnostic[] = [];
  const groups = new Map<string, Group>();
  for (const configuration of configurations) {
    const project = ts.getParsedCommandLineOfConfigFile(
      resolve(rootFolder, configuration),
      {},
      { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (fault) => faults.push(fault) },
    );
    if (project === undefined) continue;
    faults.push(...project.errors);
    const { configFilePath: _, ...options } = project.options;
    const key = JSON.stringify(options);
    const group = groups.get(key) ?? { options: project.options, fileNames: new Set() };
    for (const name of project.fileNames) group.fileNames.add(name);
    groups.set(key, group);
  }
  for (const group of groups.values()) faults.push(...checkGroup(group));
  const fileNames = [...groups.values()].flatMap((group) => [...group.fileNames]);
  return { faults: ts.formatDiagnostics(faults, formatHost), fileNames };
}

function checkGroup({ options, fileNames }: Group): readonly ts.Diagnostic[] {
  const program = ts.createProgram({ rootNames: [...fileNames], options, host: createSharingHost(options) });
  const faults: ts.Diagnostic[] = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()];
  for (const name of fileNames) {
    const file = program.getSourceFile(name);
    if (!file) continue;
    faults.push(...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file));
    if (options.declaration === true) faults.push(...program.getDeclarationDiagnostics(file));
  }
  return faults;
}
