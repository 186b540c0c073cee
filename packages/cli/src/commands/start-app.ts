import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openAppModel } from '../app/app-model.ts';
import { playDemo } from '../app/demo-call.ts';
import { findApp } from '../app/find-app.ts';
import { writeRecordings } from '../call/call-recordings.ts';
import { callerNumber, readVoices, runCall } from '../call/run-call.ts';
import { CommandError } from '../command-error.ts';
import { followCalls } from '../output/follow-calls.ts';
import { createReport } from '../output/report.ts';
import { printSummary, resultLine } from '../output/summary.ts';
import { showDuration } from '../output/units.ts';
import { workFolder } from '../sandbox/dev-file.ts';
import { openSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { listenForStop } from '../sandbox/stop-signals.ts';
import { lastCallFolder } from './call.ts';
import type { CommandContext } from './command-context.ts';

/** Options of `agentao start <app>`. */
export interface StartAppOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly number: string;
  /** Ends after the call. */
  readonly once: boolean;
}

/** Starts switch and app, places the call of its demonstration where its model is a local one, and stays up. Returns the exit code. */
export async function startApp(context: CommandContext, options: StartAppOptions): Promise<number> {
  const { terminal, cwd, clock } = context;
  const app = await findApp(cwd, options.name);
  const { agentFile, rules } = app;
  using stop = listenForStop();
  const stopped = stop.received.then((signal) => ({ signal }));
  await using model = await openAppModel(app, process.env);
  if (options.once && !model.isLocal) throw new CommandError('start --once needs the local model: unset the key.');
  terminal.line(`  ${model.line}`);
  const dataFolder = process.env['AGENTAO_APP_DATA'] ?? join(cwd, workFolder, 'apps', app.name);
  await mkdir(dataFolder, { recursive: true });
  const startMs = clock.now();
  const agentEnv = { ...model.env, AGENTAO_APP_DATA: dataFolder };
  const sandbox = await openSandbox({ ...context, ...options, agentFile, agentEnv, quietStart: true });
  try {
    const { switch: sw } = sandbox;
    if ((await Promise.race([sandbox.ready(), stopped])) !== undefined) return 1;
    const readyMs = clock.now() - startMs;
    terminal.line(
      `  Switch on ${sw.url}, pid ${process.pid}; agent ${agentFile}, pid ${sandbox.agent?.pid}; ready in ${showDuration(readyMs)}.`,
    );
    if (!options.once) for (const line of sandbox.howToWatch()) terminal.line(`  ${line}`);
    if (!model.isLocal) {
      terminal.line(
        '  No call is placed for you: the caller of a demonstration speaks in tones, which Gemini does not understand.',
      );
    } else {
      const placing = placeDemo(context, { sandbox, lines: rules.demo ?? [], readyMs });
      const outcome = await Promise.race([placing.done, stopped]);
      if ('signal' in outcome) {
        placing.report.mute();
        return 1;
      }
      if (options.once) {
        terminal.line(resultLine(`start ${app.name}`, placing.report));
        if (outcome.unwritten) throw outcome.unwritten;
        return placing.report.failed.length === 0 ? 0 : 1;
      }
      if (outcome.unwritten) terminal.problem(outcome.unwritten.message);
    }
    terminal.line(`\n  Switch and agent stay up; Ctrl-C (or kill ${process.pid}) ends both.`);
    for (const line of sandbox.howToWatch()) terminal.line(`  ${line}`);
    const byText = model.isLocal ? ' and talk to it by text: the box "Say by text" of the phone' : ' and talk to it';
    terminal.line(`  In the console plug in the caller, call ${sw.number},${byText}.`);
    terminal.line(
      `  The agent's code: ${agentFile}${model.isLocal ? `; what its model says: ${app.rulesFile}` : ''}\n`,
    );
    followCalls(terminal, sw.switch);
    const agentGone = sandbox.agent?.exited.then((how) => ({ how })) ?? stopped;
    const end = await Promise.race([stopped, agentGone]);
    if ('signal' in end) return 0;
    throw new CommandError(end.how);
  } finally {
    await sandbox.close();
  }
}

interface Demo {
  readonly sandbox: Sandbox;
  readonly lines: readonly string[];
  readonly readyMs: number;
}

function placeDemo(
  context: CommandContext,
  { sandbox, lines, readyMs }: Demo,
): {
  readonly report: ReturnType<typeof createReport>;
  readonly done: Promise<{ readonly unwritten: CommandError | undefined }>;
} {
  const { terminal, cwd } = context;
  const report = createReport(terminal);
  const { url, operatorToken, number, switch: sw } = sandbox.switch;
  const run = async (): Promise<{ readonly unwritten: CommandError | undefined }> => {
    terminal.line(`  ${callerNumber} calls ${number}.\n`);
    report.figure('readyMs', readyMs);
    const voices = await readVoices(undefined);
    const place = { url, operatorToken, number, voices, report };
    const recordings = await runCall({ ...context, ...place, play: (stage) => playDemo(stage, lines, sw) });
    const unwritten = await writeRecordings(join(cwd, lastCallFolder), recordings);
    printSummary(terminal, report, unwritten ? undefined : lastCallFolder);
    return { unwritten };
  };
  return { report, done: run() };
}
