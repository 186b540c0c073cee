import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from './commands/command-context.ts';
import type { ExportRecordsOptions, ListRecordsOptions, ShowRecordOptions } from './commands/records.ts';

/** Adds `agentao records` with its commands, whose code is loaded when one of them runs. `onExit` is told the exit code of the one that ran. */
export function addRecordsCommands(
  program: Command,
  context: CommandContext,
  onExit: (exitCode: number) => void,
): void {
  const records = program
    .command('records')
    .description('read the records and recordings that a switch keeps in a folder');
  const reading = (command: Command): Command =>
    command.option('--folder <folder>', 'folder of the records', 'records');
  const filtering = (command: Command): Command =>
    reading(command)
      .option('--connector <uuid>', 'calls of this connector only')
      .option('--since <time>', 'calls that arrived then or later: 2026-01-31, or with T08:00Z', parseTime)
      .option('--until <time>', 'calls that arrived before', parseTime);

  filtering(records.command('list'))
    .description('list calls, the newest first')
    .option('--limit <count>', 'how many', parseCount, 20)
    .option('--json', 'print one line of JSON for each', false)
    .action(async (options: ListRecordsOptions) => {
      const { listRecords } = await import('./commands/records.ts');
      onExit(listRecords(context, options));
    });

  reading(records.command('show'))
    .description('show one call: its facts, its timeline, what agents added')
    .argument('<callId>', 'id of the call')
    .option('--json', 'print one line of JSON', false)
    .action(async (callId: string, options: ShowRecordOptions) => {
      const { showRecord } = await import('./commands/records.ts');
      onExit(showRecord(context, callId, options));
    });

  filtering(records.command('export'))
    .description('write records as JSON lines, or the recording of one call as a WAV')
    .argument('[callId]', 'id of the call (default: all)')
    .addOption(
      new Option('--wav <content>', 'what goes into the WAV').choices(['mono', 'parties', 'caller-ear', 'callee-ear']),
    )
    .option('--out <file>', 'file to write (default: JSON lines go to standard output)')
    .action(async (callId: string | undefined, options: Omit<ExportRecordsOptions, 'callId'>) => {
      const { exportRecords } = await import('./commands/records.ts');
      onExit(await exportRecords(context, { ...options, callId }));
    });
}

function parseTime(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms))
    throw new InvalidArgumentError(
      'A time is a date as 2026-01-31, or with the time of day behind it: 2026-01-31T08:00Z.',
    );
  return ms;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count > 0) return count;
  throw new InvalidArgumentError('A count is a whole number above 0.');
}
