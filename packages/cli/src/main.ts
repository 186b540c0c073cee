import { createSystemClock } from '@agentao/clock';
import { createWsConnector } from '@agentao/transport/ws';
import { CommanderError } from 'commander';
import { CommandError, firstLine } from './command-error.ts';
import type { CommandContext } from './commands/command-context.ts';
import { printable } from './output/printable.ts';
import { createTerminal } from './output/terminal.ts';
import { createProgram } from './program.ts';

/** Runs the `agentao` command with its arguments (without node and script) and returns the exit code. Never throws. */
export async function main(args: readonly string[]): Promise<number> {
  // A reader that has gone away (`agentao start | head`) ends nothing.
  process.stdout.on('error', () => {});
  const terminal = createTerminal({ out: process.stdout, err: process.stderr }, process.env);
  const clock = createSystemClock(globalThis);
  const connect = createWsConnector({ clock });
  const context: CommandContext = { clock, connect, fetch, terminal, cwd: process.cwd() };
  let exitCode = 0;
  const program = createProgram(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has written its own line.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    const isExpected = error instanceof CommandError;
    terminal.problem(printable(isExpected ? error.message : `agentao failed: ${firstLine(error)}`));
    return 1;
  }
}
