import { createSystemClock } from '@agentao/clock';
import { createWsConnector } from '@agentao/transport/ws';
import { CommanderError } from 'commander';
import { CommandError, firstLine } from './command-error.ts';
import type { CommandContext } from './commands/command-context.ts';
import { printable } from './output/printable.ts';
import { openStandardOutput } from './output/standard-output.ts';
import { createTerminal } from './output/terminal.ts';
import { createProgram } from './program.ts';

/** Runs the `agentao` command with its arguments (without node and script) and returns the exit code. Never throws. */
export async function main(args: readonly string[]): Promise<number> {
  const output = openStandardOutput(process.stdout);
  const terminal = createTerminal({ out: output, err: process.stderr }, process.env);
  const clock = createSystemClock(globalThis);
  const connect = createWsConnector({ clock });
  const context: CommandContext = { clock, connect, fetch, terminal, cwd: process.cwd() };
  let exitCode = 0;
  const program = createProgram(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    // Commander has written its own line.
    if (error instanceof CommanderError) exitCode = error.exitCode === 0 ? 0 : 1;
    else {
      const isExpected = error instanceof CommandError;
      terminal.problem(printable(isExpected ? error.message : `agentao failed: ${firstLine(error)}`));
      exitCode = 1;
    }
  }
  const lost = await output.finish();
  if (lost === undefined) return exitCode;
  terminal.problem(`Standard output is not complete: ${firstLine(lost)}. Make room for it, and run the command again.`);
  return 1;
}
