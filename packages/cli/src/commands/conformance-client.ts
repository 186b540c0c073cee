import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { withDeadline } from '@agentao/clock';
import {
  type ClientFeature,
  type ClientLine,
  formatReport,
  formatResult,
  scenarios,
  type StartClient,
  testClient,
} from '@agentao/testing';
import { CommandError } from '../command-error.ts';
import { createBoundedRelay } from '../output/bounded-relay.ts';
import { listenForStop } from '../sandbox/stop-signals.ts';
import type { CommandContext } from './command-context.ts';

/** Options of `agentao conformance --client`. */
export interface ServeForClientOptions {
  /** Where the client connects, if somebody starts it by hand. 0: any free port. */
  readonly port: number;
  /** A shell command that starts the client; the kit then starts it as often as it takes. */
  readonly exec?: string | undefined;
  /** What the client lacks: `resume`, or words of the table of scenarios. */
  readonly without: readonly string[];
  /** Rules, or parts of names of checks; none: all. */
  readonly only: readonly string[];
  /** Ends with the line for programs. */
  readonly json: boolean;
}

const stopTimeoutMs = 2_000;

/** How much of what a client complains of is shown, over all its starts. */
const shownCharacters = 65_536;

/** Plays a switch for a client under test, prints what was found, and returns the exit code: 0 if nothing is wrong. */
export async function serveForClient(context: CommandContext, options: ServeForClientOptions): Promise<number> {
  const { terminal } = context;
  const { port, exec, only } = options;
  const without = options.without.map(toFeature);
  using stop = listenForStop();
  const abort = new AbortController();
  void stop.received.then(() => abort.abort());
  let needed = 0;
  const byHand = {
    port,
    onListening: ({ url, apiKey, connectorUuid }: ClientLine) => {
      terminal.line('  Start the conformance agent of your client with these in its environment:\n');
      terminal.line(`export AGENTAO_API_KEY=${apiKey}`);
      terminal.line(`export AGENTAO_CONNECTOR_UUID=${connectorUuid}`);
      terminal.line(`export AGENTAO_BASE_URL=${url}\n`);
    },
    onNeedClient: () => {
      if (++needed > 1) terminal.line('  Waiting for the agent: start it again if it has ended.');
    },
  };
  const report = await testClient({
    ...(exec === undefined ? byHand : { start: starter(context, exec) }),
    without,
    ...(only.length === 0 ? {} : { only }),
    signal: abort.signal,
    onResult: (result) => terminal.line(formatResult(result)),
  });
  // The results have been printed as they came.
  const summary = formatReport(report).split('\n').slice(report.results.length);
  for (const line of options.json ? summary : summary.slice(0, -2)) terminal.line(line);
  return report.pass ? 0 : 1;
}

function toFeature(word: string): ClientFeature {
  if (word === 'resume' || Object.hasOwn(scenarios, word)) return word as ClientFeature;
  throw new CommandError(
    `There is no ${word} to do without: it is resume, or one of ${Object.keys(scenarios).join(', ')}.`,
  );
}

/** Starts the command in a process group of its own, so that what a shell starts ends with it. */
function starter({ clock, cwd, terminal }: CommandContext, command: string): StartClient {
  const relay = createBoundedRelay((text) => terminal.problem(text), shownCharacters);
  return ({ url, apiKey, connectorUuid }) => {
    const env = { AGENTAO_API_KEY: apiKey, AGENTAO_CONNECTOR_UUID: connectorUuid, AGENTAO_BASE_URL: url };
    const child = spawn(command, {
      cwd,
      shell: true,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    });
    child.stderr.setEncoding('utf8').on('data', relay);
    child.on('error', (error) => terminal.problem(`The client does not start: ${error.message}`));
    const ended = once(child, 'exit').catch(() => undefined);
    const kill = (signal: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // The whole group is gone already.
      }
    };
    return {
      [Symbol.asyncDispose]: async () => {
        kill('SIGTERM');
        const late = { timeoutMs: stopTimeoutMs, error: () => new Error('the client does not end') };
        await withDeadline(clock, ended, late).catch(() => undefined);
        kill('SIGKILL');
      },
    };
  };
}
