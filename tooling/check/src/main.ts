import { parseArgs } from 'node:util';
import { endCommands } from './run-command.ts';
import { runStages } from './run-stages.ts';
import { gateStages } from './stages.ts';

const usage = 'pnpm check [--only a,b] [--skip a,b] [--update]';
const { values } = parseArgs({
  options: { only: { type: 'string' }, skip: { type: 'string' }, update: { type: 'boolean', default: false } },
});
const names = (list: string | undefined): readonly string[] => list?.split(',').filter((name) => name !== '') ?? [];

const all = gateStages({ update: values.update });
const only = names(values.only);
const skip = names(values.skip);
const unknown = [...only, ...skip].filter((name) => !all.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(`No such stage: ${unknown.join(', ')}. Stages: ${all.map((s) => s.name).join(', ')}. Usage: ${usage}`);
  process.exit(2);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void endCommands().finally(() => process.exit(130));
  });
}

const startMs = performance.now();
const results = await runStages(
  all.filter((stage) => (only.length === 0 || only.includes(stage.name)) && !skip.includes(stage.name)),
  {
    atOnce: 2,
    onResult: ({ stage, outcome, seconds, output }) => {
      console.log(`${stage.name.padEnd(10)}  ${outcome.padEnd(8)}  ${seconds.toFixed(1)} s`);
      if (outcome !== 'ok') console.log(`${output.trimEnd()}\n`);
    },
  },
);
const failed = results.filter((result) => result.outcome !== 'ok').map((result) => result.stage.name);
const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
console.log(failed.length > 0 ? `check failed: ${failed.join(', ')}  ${seconds} s` : `check ok  ${seconds} s`);
process.exitCode = failed.length > 0 ? 1 : 0;
