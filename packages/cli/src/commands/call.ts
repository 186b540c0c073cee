import { join, resolve } from 'node:path';
import { writeRecordings } from '../call/call-recordings.ts';
import { type CalleeHabit, playPlainCall } from '../call/plain-call.ts';
import { callerNumber, readVoices, runCall } from '../call/run-call.ts';
import { playTour } from '../call/tour.ts';
import { createReport } from '../output/report.ts';
import { printSummary, resultLine } from '../output/summary.ts';
import { readDevFile, workFolder } from '../sandbox/dev-file.ts';
import type { CommandContext } from './command-context.ts';

/** Options of `agentao call`. */
export interface CallCommandOptions {
  /** Default: the number of the running switch. */
  readonly number?: string | undefined;
  readonly wav?: string | undefined;
  readonly keys: string;
  readonly callee: CalleeHabit;
  readonly out?: string | undefined;
  /** Plays the tour of the quickstart agent instead. */
  readonly tour: boolean;
  /** Ends with the line for programs. */
  readonly json: boolean;
}

/** Folder of the last call's recordings, from the current one. */
export const lastCallFolder: string = join(workFolder, 'last-call');

/** Places one simulated call on the switch that runs in this folder. Returns the exit code. */
export async function call(context: CommandContext, options: CallCommandOptions): Promise<number> {
  const { cwd, terminal } = context;
  const { keys, callee, tour, out = lastCallFolder } = options;
  const voices = await readVoices(options.wav);
  const entry = await readDevFile(cwd);
  const number = options.number ?? entry.number;
  const report = createReport(terminal);
  terminal.line(`  ${callerNumber} calls ${number} at ${entry.url}\n`);
  const play: Parameters<typeof runCall>[0]['play'] = tour
    ? playTour
    : (stage) => playPlainCall(stage, { keys, callee });
  const recordings = await runCall({ ...context, ...entry, number, voices, report, play });
  const unwritten = await writeRecordings(resolve(cwd, out), recordings);
  printSummary(terminal, report, unwritten ? undefined : out);
  if (options.json) terminal.line(resultLine('call', report));
  if (unwritten) throw unwritten;
  return report.failed.length === 0 ? 0 : 1;
}
