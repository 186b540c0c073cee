import { runCommand, type Command } from './run-command.ts';

/** One step that went wrong: what was tried in `message`, what came of it in `detail`. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly detail: string;

  constructor(what: string, detail: string) {
    super(what);
    this.detail = detail;
  }
}

/** Where a command runs, and for how long at most. */
export interface MustRunOptions {
  readonly cwd: string;
  readonly deadlineMs?: number;
}

const defaultDeadlineMs = 90_000;

/** Runs a program to its end and returns its output; throws a {@link StepFailure} named `what` if it fails or takes too long. */
export async function mustRun(what: string, command: Command, options: MustRunOptions): Promise<string> {
  const { ok, output } = await runCommand(command, { deadlineMs: defaultDeadlineMs, ...options });
  if (!ok) throw new StepFailure(what, output);
  return output;
}

/** Waits for all steps. Throws one {@link StepFailure} that tells of every one that failed. */
export async function allSteps(steps: readonly Promise<unknown>[]): Promise<void> {
  const reasons = (await Promise.allSettled(steps)).flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (reasons.length === 0) return;
  throw new StepFailure(`${reasons.length} failed`, reasons.map(describeFailure).join('\n\n'));
}

/** A failure as one block: the step, and under it what it said. */
export function describeFailure(reason: unknown): string {
  if (!(reason instanceof StepFailure))
    return reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
  return `${reason.message}\n${reason.detail.trim().replace(/^(?=.)/gm, '  ')}`;
}
