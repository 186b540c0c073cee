import { resolve } from 'node:path';
import { readConsoleFiles } from '@agentao/console';
import { ListenError } from '@agentao/transport';
import { CommandError } from '../command-error.ts';
import { commandName } from '../command-name.ts';
import { printable } from '../output/printable.ts';
import { checkService } from '../service/check-service.ts';
import { readConsolePage } from '../service/console-page.ts';
import { createServiceLogger } from '../service/create-logger.ts';
import { describeConfig } from '../service/describe-config.ts';
import { configVariable } from '../service/env-overrides.ts';
import { loadConfig, type LoadedConfig } from '../service/load-config.ts';
import { openService, type Service, ServiceFilesError } from '../service/service.ts';
import { type ServiceConfig, showPath, type TlsConfig } from '../service/service-config.ts';
import type { ServiceSignals } from '../service/service-signals.ts';
import { readTlsFiles } from '../service/tls-files.ts';
import { watchFiles } from '../service/watch-files.ts';
import type { CommandContext } from './command-context.ts';

/** Options of `agentao switch`. */
export interface SwitchCommandOptions {
  /** Default: `AGENTAO_SWITCH_CONFIG`, or `agentao.yaml` here. */
  readonly config?: string | undefined;
  /** Says what would run, and what is wrong, and runs nothing. */
  readonly check: boolean;
  /** Reads the file again when it or a certificate changes. */
  readonly watch: boolean;
}

/** Exit code after calls were ended that the deadline or a second signal did not leave to end by themselves. */
const callsCut = 2;

/** The file that the command line, the environment or the folder names. */
export function configPath(context: CommandContext, config: string | undefined): string {
  return resolve(context.cwd, config ?? (process.env[configVariable] || 'agentao.yaml'));
}

/** Runs a switch as a service until one of `signals` ends it. Returns the exit code. */
export async function runSwitch(
  context: CommandContext,
  options: SwitchCommandOptions,
  signals: ServiceSignals,
): Promise<number> {
  // A check is ended by any signal, as other commands are.
  if (options.check) signals[Symbol.dispose]();
  const { terminal, clock, cwd } = context;
  const path = configPath(context, options.config);
  const load = (): Promise<LoadedConfig> => loadConfig(path, { env: process.env, cwd });
  const loaded = await load();
  if (!loaded.ok) return refuse(context, [...loaded.problems, ...certificateProblems(context, loaded.tls)]);
  if (options.check) return check(context, loaded.config);

  const logger = createServiceLogger(loaded.config.log.level);
  const page =
    loaded.config.operators && (await readConsolePage(() => readConsoleFiles({ command: commandName() }), logger));
  let service: Service;
  try {
    service = await openService({ clock, logger, config: loaded.config, load, page });
  } catch (error) {
    logger.flush();
    if (error instanceof ServiceFilesError) return refuse(context, error.problems);
    if (error instanceof ListenError) throw new CommandError(`listen: ${error.message}`, { cause: error });
    throw error;
  }
  const reload = (): void => void service.reload();
  signals.onReload(reload);
  const { tls } = loaded.config.listen;
  using watched = options.watch
    ? watchFiles([path, ...Object.values(tls ?? {})], { clock, onChange: reload })
    : undefined;
  const also = service.operationsUrl === undefined ? '' : `, operations on ${service.operationsUrl}`;
  const reloads = watched === undefined ? 'SIGHUP reads the file again' : 'a change of the file is taken over';
  logger.info({ url: service.url, operationsUrl: service.operationsUrl }, 'switch started');
  terminal.problem(`AgenTao switch on ${service.url}${also}, pid ${process.pid}. ${reloads}; SIGTERM drains.`);
  try {
    await signals.ending;
    terminal.problem(`Draining: ${service.switch.calls.length} calls; a second signal ends them now.`);
    const cut = await Promise.race([service.drain(), signals.atOnce.then(() => service.switch.calls.length)]);
    return cut === 0 ? 0 : callsCut;
  } finally {
    await service.close();
    logger.flush();
  }
}

async function check({ terminal, clock }: CommandContext, config: ServiceConfig): Promise<number> {
  const { problems, notes } = await checkService(config, clock);
  for (const line of describeConfig(config)) terminal.line(printable(line));
  for (const note of notes) terminal.line(`note         ${printable(note)}`);
  for (const problem of problems) terminal.problem(printable(problem));
  if (problems.length === 0) terminal.line('The configuration is good.');
  return problems.length === 0 ? 0 : 1;
}

/** What is wrong with the certificates of a file that is refused for something else: everything is told at once. */
function certificateProblems({ clock }: CommandContext, tls: TlsConfig | undefined): readonly string[] {
  const files = tls && readTlsFiles(tls, clock.wallTime());
  return files?.ok === false ? files.faults.map(({ path, message }) => `${showPath(path)}: ${message}`) : [];
}

function refuse({ terminal }: CommandContext, problems: readonly string[]): number {
  for (const problem of problems) terminal.problem(printable(problem));
  return 1;
}
