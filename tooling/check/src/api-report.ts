import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { rootFolder } from './root-folder.ts';
import { publishedEntryPoints, readWorkspace, type WorkspacePackage } from './workspace.ts';

/** Types of an entry point in `dist`; nothing for one that is not code. */
function typesOf({ folder, manifest }: WorkspacePackage, entryPoint: string): string | undefined {
  const target = manifest.publishConfig?.exports?.[entryPoint] as { types?: string } | string | undefined;
  if (typeof target !== 'object' || target.types === undefined) return undefined;
  return join(rootFolder, folder, target.types);
}

const packages = readWorkspace(rootFolder).filter(({ kind }) => kind === 'package');
const paths: Record<string, readonly string[]> = {};
for (const owner of packages) {
  for (const entryPoint of publishedEntryPoints(owner.manifest)) {
    const types = typesOf(owner, entryPoint);
    if (types !== undefined) paths[owner.manifest.name + entryPoint.slice(1)] = [types];
  }
}

function prepareReport(owner: WorkspacePackage, entryPoint: string, types: string): ExtractorConfig {
  const folder = join(rootFolder, owner.folder);
  const reportFileName = [owner.shortName, ...entryPoint.split('/').slice(1)].join('-');
  mkdirSync(join(folder, 'etc'), { recursive: true });
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      newlineKind: 'lf',
      mainEntryPointFilePath: types,
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'ES2022',
            module: 'NodeNext',
            lib: ['ES2023', 'ESNext.Disposable'],
            types: ['node'],
            strict: true,
            skipLibCheck: true,
            paths,
          },
          files: [types],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName,
        reportFolder: '<projectFolder>/etc',
        reportTempFolder: join(rootFolder, 'node_modules/.cache/api-report'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Warning },
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          'ae-undocumented': { logLevel: ExtractorLogLevel.None },
          'ae-unresolved-link': { logLevel: ExtractorLogLevel.None },
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: true },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
}

/** Compares the built types with the committed report, or writes it. True when nothing is wrong. */
function report(owner: WorkspacePackage, config: ExtractorConfig, update: boolean): boolean {
  const result = Extractor.invoke(config, {
    localBuild: update,
    messageCallback: (message) => {
      message.handled = message.logLevel !== ExtractorLogLevel.Error;
    },
  });
  const undocumented = readFileSync(config.reportTempFilePath, 'utf8').matchAll(
    /^\/\/ @public \(undocumented\)\n(.+)$/gm,
  );
  const faults = [...undocumented].map(([, declaration]) => `${owner.folder}: no documentation for: ${declaration}`);
  if (faults.length > 0) console.log(faults.join('\n'));
  if (update || !result.apiReportChanged) return result.errorCount === 0 && faults.length === 0;
  const [committed, built] = [config.reportFilePath, config.reportTempFilePath];
  const diff = spawnSync('git', ['diff', '--no-index', '--no-color', '--unified=1', committed, built], {
    encoding: 'utf8',
  });
  const lines = diff.stdout.split('\n').filter((line) => /^[+-](?![+-]{2})/.test(line));
  console.log(`${owner.folder}/etc/${basename(committed)} is not what is built; if that is meant, run \`pnpm api\``);
  console.log(existsSync(committed) ? lines.slice(0, 40).join('\n') : 'There is no report yet.');
  return false;
}

const update = process.argv.includes('--update');
for (const owner of packages) {
  for (const entryPoint of publishedEntryPoints(owner.manifest)) {
    const types = typesOf(owner, entryPoint);
    if (types === undefined) continue;
    try {
      if (!report(owner, prepareReport(owner, entryPoint, types), update)) process.exitCode = 1;
    } catch (error) {
      console.log(`${owner.folder} "${entryPoint}": ${String(error)}`);
      process.exitCode = 1;
    }
  }
}
