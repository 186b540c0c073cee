import { Command, InvalidArgumentError, Option } from 'commander';
import { isAppName } from './app/find-app.ts';
import { calleeHabits, type CalleeHabit } from './call/plain-call.ts';
import { call } from './commands/call.ts';
import type { CommandContext } from './commands/command-context.ts';
import { conformance, type ConformanceOptions } from './commands/conformance.ts';
import { type ConsoleOptions, printConsoleLink } from './commands/console-link.ts';
import { dev } from './commands/dev.ts';
import { startApp } from './commands/start-app.ts';
import { start } from './commands/start.ts';
import { addRecordsCommands } from './records-program.ts';
import { addServiceCommands } from './service-program.ts';

/** The commands and their arguments. `onExit` is told the exit code of the one that ran; what it throws goes to whoever parses. */
export function createProgram(context: CommandContext, onExit: (exitCode: number) => void): Command {
  const { terminal } = context;
  const program = new Command('agentao')
    .description('AI agents on phone calls: a switch on this machine, your agent on it, and simulated calls.')
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => terminal.line(text.trimEnd()),
      writeErr: (text) => terminal.problem(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /, '')),
    });

  const listening = (command: Command): Command =>
    command
      .option('--port <port>', 'port of the switch, 0 for any free one', parsePort, 7350)
      .option('--host <address>', 'address it listens on', '127.0.0.1')
      .option('--number <number>', 'phone number of the agent', parseNumber, '+15559999');

  listening(program.command('dev'))
    .description('run a switch and your agent until stopped')
    .argument('[agent-file]', 'file to run as the agent; without one the environment it needs is printed')
    .option('--watch', 'start the agent again when its files change', false)
    .action(async (agentFile: string | undefined, options: Omit<Parameters<typeof dev>[1], 'agentFile'>) =>
      onExit(await dev(context, { ...options, agentFile })),
    );

  program
    .command('call')
    .description('place one simulated call on the switch that runs in this folder')
    .argument('[number]', "number to call (default: the agent's)", parseNumber)
    .option('--wav <file>', 'what the caller speaks: a WAV of any rate (default: a sentence)')
    .option('--keys <keys>', 'keys the caller presses after speaking', parseKeys, '1')
    .addOption(
      new Option('--callee <habit>', 'what the callee does when rung').choices(calleeHabits).default('answers'),
    )
    .option('--out <folder>', 'where the recordings go (default: .agentao/last-call)')
    .option('--tour', 'the call that start places: for the quickstart agent only', false)
    .option('--json', 'end with one line of JSON', false)
    .action(
      async (
        number: string | undefined,
        options: Omit<Parameters<typeof call>[1], 'number'> & { callee: CalleeHabit },
      ) => onExit(await call(context, { ...options, number })),
    );

  program
    .command('console')
    .description('print a link that opens the console of the switch that runs in this folder')
    .option('--viewer', 'whoever opens it may only watch', false)
    .option('--json', 'print one line of JSON', false)
    .action(async (options: ConsoleOptions) => onExit(await printConsoleLink(context, options)));

  program
    .command('conformance')
    .description('try a switch, or a client, by the rules of PROTOCOL.md')
    .option('--url <url>', 'base URL of the switch to try, such as ws://127.0.0.1:7350')
    .option('--key <key>', 'its API key (default, and better: AGENTAO_API_KEY in the environment)')
    .option(
      '--operator-token <token>',
      'with which phones call (default, and better: AGENTAO_OPERATOR_TOKEN, or that of the switch in this folder)',
    )
    .option('--connector <uuid>', 'connector of the key (default: AGENTAO_CONNECTOR_UUID)')
    .option('--callee <numbers>', 'numbers of the connector (default: those that the switch names)', parseList, [])
    .option('--client', 'serve as a switch for a client under test instead', false)
    .option('--port <port>', 'with --client: port to serve at, 0 for any free one', parsePort, 0)
    .option('--exec <command>', 'with --client: starts the client, as often as it takes (default: you do)')
    .option('--without <features>', 'with --client: what the client lacks', parseList, [])
    .option('--only <rules>', 'only checks of these rules, such as C-03,K-04', parseList, [])
    .option('--json', 'end with one line of JSON', false)
    .action(async (options: ConformanceOptions) => onExit(await conformance(context, options)));

  listening(program.command('start'))
    .description('run a switch and the quickstart, or an app, place one call that shows what it does, stay up')
    .argument('[app]', 'name of a folder in apps/, or the file of an agent that answers to the keys of the quickstart')
    .option('--wav <file>', 'what the caller speaks: a WAV of any rate (default: a sentence)')
    .option('--once', 'end after the call, with one line of JSON', false)
    .action(async (agent: string | undefined, options: Omit<Parameters<typeof start>[1], 'agentFile'>) => {
      const isApp = agent !== undefined && agent !== 'quickstart' && isAppName(agent);
      if (isApp) return onExit(await startApp(context, { ...options, name: agent }));
      return onExit(await start(context, { ...options, agentFile: agent === 'quickstart' ? undefined : agent }));
    });

  addServiceCommands(program, context, onExit);
  addRecordsCommands(program, context, onExit);
  return program;
}

/** Words with commas between them. */
function parseList(text: string): readonly string[] {
  return text.split(',').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]));
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
}

function parseNumber(text: string): string {
  if (/^\+?\d{1,20}$/.test(text)) return text;
  throw new InvalidArgumentError('A phone number is digits, with an optional + before them.');
}

function parseKeys(text: string): string {
  if (/^[0-9*#A-D]{0,32}$/.test(text)) return text;
  throw new InvalidArgumentError('Keys are 0-9, *, # and A-D, at most 32.');
}
