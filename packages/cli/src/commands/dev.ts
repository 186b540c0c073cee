import { openSandbox } from '../sandbox/sandbox.ts';
import type { DevSwitch } from '../sandbox/dev-switch.ts';
import { listenForStop, type StopSignals } from '../sandbox/stop-signals.ts';
import { followCalls } from '../output/follow-calls.ts';
import type { CommandContext } from './command-context.ts';

/** Options of `agentao dev`. */
export interface DevOptions {
  readonly agentFile?: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly number: string;
  readonly watch: boolean;
}

const longestWaitMs = 14_400_000;

/** Without their agent callers are not cut off: waits until their calls are over, or somebody stops it. */
async function callsOver({ terminal }: CommandContext, sw: DevSwitch, stop: StopSignals): Promise<void> {
  const { length } = sw.switch.calls;
  if (length === 0) return;
  terminal.line(`  ${length === 1 ? 'One call goes' : `${length} calls go`} on without it; Ctrl-C ends the switch.`);
  await Promise.race([sw.switch.drain({ timeoutMs: longestWaitMs }), stop.received]);
}

/** Runs a switch, and the agent if there is one, until stopped. Returns the exit code. */
export async function dev(context: CommandContext, options: DevOptions): Promise<number> {
  const { terminal } = context;
  using stop = listenForStop();
  const sandbox = await openSandbox({ ...context, ...options });
  try {
    const { url, number } = sandbox.switch;
    followCalls(terminal, sandbox.switch.switch);
    terminal.line(`  Switch on ${url}, number ${number}, pid ${process.pid}. Ctrl-C ends it.`);
    if (sandbox.agent === undefined) {
      terminal.line(`  Start your agent with these in its environment:\n`);
      for (const [name, value] of Object.entries(sandbox.env)) terminal.line(`export ${name}=${value}`);
      terminal.line();
    }
    for (const line of sandbox.howToWatch()) terminal.line(`  ${line}`);
    terminal.line(`  ${sandbox.howToCall}`);
    void sandbox.switch.agentReady.then(() => terminal.line('  Ready: the agent takes calls.'));
    const agentGone = sandbox.agent?.exited.then((how) => ({ how }));
    const end = await Promise.race([stop.received, ...(agentGone ? [agentGone] : [])]);
    if (typeof end === 'string') return 0;
    terminal.problem(end.how);
    await callsOver(context, sandbox.switch, stop);
    return 1;
  } finally {
    await sandbox.close();
  }
}
