import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeRecordings } from '../call/call-recordings.ts';
import { callerNumber, maxSpeechMs, readVoices, runCall, type Voices } from '../call/run-call.ts';
import { playTour } from '../call/tour.ts';
import { CommandError } from '../command-error.ts';
import { commandName } from '../command-name.ts';
import { followCalls } from '../output/follow-calls.ts';
import { createReport, type Report } from '../output/report.ts';
import { printSummary, resultLine } from '../output/summary.ts';
import { showDuration } from '../output/units.ts';
import { openSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { listenForStop } from '../sandbox/stop-signals.ts';
import { lastCallFolder } from './call.ts';
import type { CommandContext } from './command-context.ts';

/** Options of `agentao start`. */
export interface StartOptions {
  /** An agent that answers to the keys of the quickstart. Default: the quickstart of the repository. */
  readonly agentFile?: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly number: string;
  readonly wav?: string | undefined;
  /** Ends after the call. */
  readonly once: boolean;
}

const quickstart = join('apps', 'quickstart', 'src', 'main.ts');

/** Starts switch and agent, places one call that shows all of it, and stays up. Returns the exit code. */
export async function start(context: CommandContext, options: StartOptions): Promise<number> {
  const { terminal, cwd, clock } = context;
  const { agentFile = quickstart } = options;
  if (options.agentFile === undefined && !existsSync(join(cwd, quickstart))) {
    throw new CommandError(
      `start runs the quickstart of the AgenTao repository. Elsewhere use: ${commandName()} dev <agent-file>`,
    );
  }
  const voices = await readVoices(options.wav);
  using stop = listenForStop();
  const stopped = stop.received.then((signal) => ({ signal }));
  terminal.line('  Starting the switch and the agent ...');
  const startMs = clock.now();
  const sandbox = await openSandbox({ ...context, ...options, agentFile, quietStart: true });
  try {
    const { switch: sw } = sandbox;
    if ((await Promise.race([sandbox.ready(), stopped])) !== undefined) return 1;
    const readyMs = clock.now() - startMs;
    terminal.line(
      `  Switch on ${sw.url}, pid ${process.pid}; agent ${agentFile}, pid ${sandbox.agent?.pid}; ready in ${showDuration(readyMs)}.`,
    );
    tellRecording(context, options, voices);
    if (!options.once) for (const line of sandbox.howToWatch()) terminal.line(`  ${line}`);
    terminal.line(`  ${callerNumber} calls ${sw.number}. This takes about 25 s.\n`);
    const report = createReport(terminal);
    report.figure('readyMs', readyMs);
    const call = placeTour(context, { sandbox, voices, report });
    const outcome = await Promise.race([call, stopped]);
    if ('signal' in outcome) {
      report.mute();
      return 1;
    }
    const { unwritten } = outcome;
    printSummary(terminal, report, unwritten ? undefined : lastCallFolder);
    if (options.once) {
      terminal.line(resultLine('start', report));
      if (unwritten) throw unwritten;
      return report.failed.length === 0 ? 0 : 1;
    }
    if (unwritten) terminal.problem(unwritten.message);
    tellWhatNext(context, sandbox, agentFile);
    followCalls(terminal, sw.switch);
    const agentGone = sandbox.agent?.exited.then((how) => ({ how })) ?? stopped;
    const end = await Promise.race([stopped, agentGone]);
    if ('signal' in end) return 0;
    throw new CommandError(end.how);
  } finally {
    await sandbox.close();
  }
}

async function placeTour(
  context: CommandContext,
  { sandbox, voices, report }: { sandbox: Sandbox; voices: Voices; report: Report },
): Promise<{ readonly unwritten: CommandError | undefined }> {
  const { clock, cwd } = context;
  const { switch: sw } = sandbox;
  let clearedMs: number | undefined;
  const unfollow = sw.switch.onTimeline(({ kind }) => {
    if (kind === 'cleared') clearedMs ??= clock.now();
  });
  const { url, operatorToken, number } = sw;
  const place = { url, operatorToken, number, clearedMs: () => clearedMs, play: playTour };
  const recordings = await runCall({ ...context, ...place, voices, report });
  unfollow();
  return { unwritten: await writeRecordings(join(cwd, lastCallFolder), recordings) };
}

function tellRecording({ terminal }: CommandContext, { wav }: StartOptions, { caller }: Voices): void {
  if (wav === undefined) return;
  const isCut = caller.recordingMs > maxSpeechMs;
  const what = isCut ? `the first ${showDuration(maxSpeechMs)} of ${wav} (${showDuration(caller.recordingMs)})` : wav;
  terminal.line(`  The caller speaks ${what}, brought to the level of speech.`);
}

function tellWhatNext({ terminal }: CommandContext, sandbox: Sandbox, agentFile: string): void {
  terminal.line(`\n  Switch and agent stay up; Ctrl-C (or kill ${process.pid}) ends both.`);
  for (const line of sandbox.howToWatch()) terminal.line(`  ${line}`);
  terminal.line(`  ${sandbox.howToCall}`);
  terminal.line(`  The agent's code: ${agentFile}\n`);
}
