import { formatReport, formatResult, SwitchTestError, testSwitch, type TestSwitchOptions } from '@agentao/testing';
import { CommandError } from '../command-error.ts';
import { commandName } from '../command-name.ts';
import { readDevFile } from '../sandbox/dev-file.ts';
import { listenForStop } from '../sandbox/stop-signals.ts';
import type { CommandContext } from './command-context.ts';
import { serveForClient, type ServeForClientOptions } from './conformance-client.ts';

/** Options of `agentao conformance`. */
export interface ConformanceOptions extends ServeForClientOptions {
  /** Base URL of the switch to try. */
  readonly url?: string | undefined;
  /** Default: `AGENTAO_API_KEY`. */
  readonly key?: string | undefined;
  /** Default: `AGENTAO_OPERATOR_TOKEN`, or that of the switch which runs in this folder. */
  readonly operatorToken?: string | undefined;
  /** Default: `AGENTAO_CONNECTOR_UUID`. */
  readonly connector?: string | undefined;
  /** Numbers of the connector; none: those that the switch names. */
  readonly callee: readonly string[];
  /** Plays a switch for a client under test instead. */
  readonly client: boolean;
  /** Ends with the line for programs. */
  readonly json: boolean;
}

/** Tries a switch, or a client, by the rules of PROTOCOL.md. Returns the exit code: 0 if nothing is wrong. */
export async function conformance(
  context: CommandContext,
  options: ConformanceOptions,
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  if (options.client) return await serveForClient(context, options);
  if (options.url === undefined) {
    const command = `${commandName(env)} conformance`;
    throw new CommandError(
      `To test a switch: ${command} --url ws://127.0.0.1:7350. To test a client: ${command} --client`,
    );
  }
  const { terminal } = context;
  using stop = listenForStop();
  const abort = new AbortController();
  void stop.received.then(() => abort.abort());
  const target = await switchToTest(context, { ...options, url: options.url }, env);
  try {
    const report = await testSwitch({
      ...target,
      signal: abort.signal,
      onResult: (result) => {
        if (!abort.signal.aborted) terminal.line(formatResult(result));
      },
    });
    if (report.results.length === 0) throw new CommandError(`No check tries ${options.only.join(', ')}.`);
    // The results have been printed as they came.
    const summary = formatReport(report).split('\n').slice(report.results.length);
    for (const line of options.json ? summary : summary.slice(0, -2)) terminal.line(line);
    return report.pass ? 0 : 1;
  } catch (error) {
    throw error instanceof SwitchTestError ? new CommandError(error.message, { cause: error }) : error;
  }
}

/** What the options and the environment say of the switch. A secret need not be on the command line, where others may read it. */
async function switchToTest(
  { cwd }: CommandContext,
  options: ConformanceOptions & { readonly url: string },
  env: NodeJS.ProcessEnv,
): Promise<TestSwitchOptions> {
  const { url, callee, only } = options;
  const apiKey = options.key || env['AGENTAO_API_KEY'];
  if (!apiKey) {
    throw new CommandError(
      'The API key of the switch is missing. Put it into the environment as AGENTAO_API_KEY, or say --key ak_…',
    );
  }
  const here = await readDevFile(cwd).catch(() => undefined);
  const operatorToken =
    options.operatorToken ||
    // An empty variable is as good as none.
    env['AGENTAO_OPERATOR_TOKEN'] ||
    (isSame(here?.url, url) ? here?.operatorToken : undefined);
  const connectorUuid = options.connector || env['AGENTAO_CONNECTOR_UUID'];
  return {
    url,
    apiKey,
    ...(operatorToken ? { operatorToken } : {}),
    ...(connectorUuid ? { connectorUuid } : {}),
    ...(callee.length === 0 ? {} : { numbers: { callee } }),
    ...(only.length === 0 ? {} : { only }),
  };
}

function isSame(one: string | undefined, other: string): boolean {
  return one !== undefined && URL.parse(one)?.host === URL.parse(other)?.host;
}
