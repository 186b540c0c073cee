import { runCommand, type CommandResult } from './run-command.ts';
import type { Stage } from './stages.ts';

/** What became of a stage. `left out`: a stage that it needs failed. */
export interface StageResult {
  readonly stage: Stage;
  readonly outcome: 'ok' | 'FAILED' | 'left out';
  readonly seconds: number;
  readonly output: string;
}

/** Far beyond what any stage takes; a test that spins would otherwise run for ever. */
const stageDeadlineMs = 600_000;

interface Options {
  /** How many stages run at once. */
  readonly atOnce: number;
  /** Told of each stage as it ends. */
  readonly onResult: (result: StageResult) => void;
  readonly run?: (stage: Stage) => Promise<CommandResult>;
}

/** Runs the stages, several at once where they allow it. Needs that are not among `stages` count as met. */
export async function runStages(stages: readonly Stage[], options: Options): Promise<readonly StageResult[]> {
  const {
    atOnce,
    onResult,
    run = (stage): Promise<CommandResult> => runCommand(stage.command, { deadlineMs: stageDeadlineMs }),
  } = options;
  const waiting = [...stages];
  const running = new Map<Stage, Promise<void>>();
  const results = new Map<string, StageResult>();

  const finish = (stage: Stage, outcome: StageResult['outcome'], rest: { seconds: number; output: string }): void => {
    running.delete(stage);
    const result = { stage, outcome, ...rest };
    results.set(stage.name, result);
    onResult(result);
  };
  const start = async (stage: Stage): Promise<void> => {
    const startMs = performance.now();
    const { ok, output } = await run(stage);
    finish(stage, ok ? 'ok' : 'FAILED', { seconds: (performance.now() - startMs) / 1000, output });
  };
  const needsOf = (stage: Stage): readonly string[] =>
    (stage.needs ?? []).filter((name) => stages.some((other) => other.name === name));
  const mayStart = (stage: Stage): boolean => {
    if ([...running.keys()].some((other) => other.alone === true)) return false;
    if (stage.alone === true && running.size > 0) return false;
    return needsOf(stage).every((name) => results.has(name));
  };

  while (waiting.length > 0 || running.size > 0) {
    for (const stage of [...waiting]) {
      if (running.size >= atOnce || !mayStart(stage)) continue;
      waiting.splice(waiting.indexOf(stage), 1);
      const failed = needsOf(stage).filter((name) => results.get(name)?.outcome !== 'ok');
      if (failed.length > 0) finish(stage, 'left out', { seconds: 0, output: `needs ${failed.join(', ')}\n` });
      else running.set(stage, start(stage));
    }
    if (running.size > 0) await Promise.race(running.values());
  }
  return [...results.values()];
}
