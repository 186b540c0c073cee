import { type Clock, withDeadline } from '@agentao/clock';
import { CommandError } from '../command-error.ts';
import { commandName } from '../command-name.ts';
import { printable } from '../output/printable.ts';
import type { Terminal } from '../output/terminal.ts';
import { type AgentProcess, startAgent } from './agent-process.ts';
import { type DevEntry, workFolder, writeDevFile } from './dev-file.ts';
import { type DevSwitch, openDevSwitch } from './dev-switch.ts';

/** A switch on this machine and the agent that is connected to it. */
export interface Sandbox {
  readonly switch: DevSwitch;
  /** `undefined` where none was given. */
  readonly agent: AgentProcess | undefined;
  /** Environment with which an agent finds this switch. */
  readonly env: Readonly<Record<string, string>>;
  /** One line for the person: how to place a call on it, or why none can be placed from this folder. */
  readonly howToCall: string;
  /** Lines for the person: a fresh link to the console, or why there is none. */
  howToWatch(): readonly string[];
  /** Waits until the agent takes calls. Throws CommandError if it ends before, or takes too long. */
  ready(): Promise<void>;
  /** Ends the agent, then the switch, and removes what they left. Idempotent. */
  close(): Promise<void>;
}

/** What to run, and where. */
export interface SandboxOptions {
  readonly clock: Clock;
  readonly cwd: string;
  readonly terminal: Terminal;
  readonly host: string;
  readonly port: number;
  readonly number: string;
  readonly agentFile?: string | undefined;
  /** Beside what it needs to find the switch. */
  readonly agentEnv?: Readonly<Record<string, string>>;
  readonly watch?: boolean;
  /** What the agent writes before it takes calls is not shown: a failure to start is told in one line. */
  readonly quietStart?: boolean;
}

const readyWithinMs = 20_000;
const buildPage = 'npx -y pnpm@10 --filter @agentao/console page';

/** Starts the switch and, if a file is given, the agent. Throws CommandError; nothing is left running then. */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clock, cwd, terminal, agentFile, agentEnv = {}, watch = false, quietStart = false } = options;
  const { colours } = terminal;
  await using cleanup = new AsyncDisposableStack();
  const onTrouble = (text: string): void => terminal.line(`  ${colours.yellow(`switch: ${printable(text)}`)}`);
  const sw = await openDevSwitch({ ...options, onTrouble });
  cleanup.defer(() => sw.close());
  const { url, number, operatorToken } = sw;
  const entry: DevEntry = { url, operatorToken, number, pid: process.pid };
  const devFile = await writeDevFile(cwd, entry);
  cleanup.defer(() => devFile.remove());
  const env = {
    AGENTAO_MODE: 'sandbox',
    AGENTAO_API_KEY: sw.apiKey,
    AGENTAO_CONNECTOR_UUID: sw.connectorUuid,
    AGENTAO_BASE_URL: url,
  };
  let showsLines = !quietStart;
  const onLine = (line: string): void => {
    if (showsLines) terminal.line(`  ${colours.dim('agent:')} ${line}`);
  };
  const agent =
    agentFile === undefined
      ? undefined
      : await startAgent(agentFile, { clock, cwd, env: { ...agentEnv, ...env }, watch, onLine });
  if (agent) cleanup.defer(() => agent.stop());
  // Before all else, for an agent that is asked to end waits for its calls.
  cleanup.defer(() => sw.switch.drain({ timeoutMs: 0 }));
  const owned = cleanup.move();
  let closing: Promise<void> | undefined;

  const ready = async (): Promise<void> => {
    const late = () =>
      new CommandError(`The agent takes no calls after ${readyWithinMs / 1000} s. Does it call client.connect()?`);
    const gone = agent?.exited.then((how) => {
      throw new CommandError(how);
    });
    const first = gone ? Promise.race([sw.agentReady, gone]) : sw.agentReady;
    await withDeadline(clock, first, { timeoutMs: readyWithinMs, error: late });
    showsLines = true;
  };
  const close = (): Promise<void> => (closing ??= owned.disposeAsync());
  const command = `${commandName()} call`;
  const howToCall =
    devFile.otherPid === undefined
      ? `Place a call from a second terminal in this folder: ${colours.bold(command)}`
      : colours.yellow(
          `${command} in this folder rings the switch of process ${devFile.otherPid}, not this one. End that one first (or remove ${workFolder}/dev.json if it is no switch) and start this one again, or use another folder.`,
        );
  const howToWatch = (): readonly string[] => {
    const link = sw.createConsoleLink();
    if (link === undefined)
      return [`Console: its page has not been built. In the repository: ${colours.bold(buildPage)}`];
    return [
      `Console: ${colours.bold(link)}`,
      `         It signs one browser in. Another link: ${commandName()} console`,
    ];
  };
  return { switch: sw, agent, env, howToCall, howToWatch, ready, close };
}
