import { globSync } from 'node:fs';
import { join } from 'node:path';
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

/** What `tsc` says about the files that a configuration names; its imports are judged by their own project. */
function checkProject(configuration: string): readonly ts.Diagnostic[] {
  const faults: ts.Diagnostic[] = [];
  const project = ts.getParsedCommandLineOfConfigFile(
    join(rootFolder, configuration),
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (fault) => faults.push(fault) },
  );
  if (!project) return faults;
  const { options, fileNames } = project;
  const program = ts.createProgram({ rootNames: fileNames, options, host: createSharingHost(options) });
  faults.push(...project.errors, ...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics());
  for (const name of fileNames) {
    const file = program.getSourceFile(name);
    if (!file) continue;
    faults.push(...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file));
    if (options.declaration === true) faults.push(...program.getDeclarationDiagnostics(file));
  }
  return faults;
}

const configurations = globSync('{packages,apps,tooling}/*/{tsconfig,tsconfig.src}.json', { cwd: rootFolder });
for (const configuration of configurations.sort()) {
  const faults = checkProject(configuration);
  if (faults.length === 0) continue;
  console.log(`${configuration}\n${ts.formatDiagnostics(faults, formatHost)}`);
  process.exitCode = 1;
}
