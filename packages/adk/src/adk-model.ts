import { LiveModelError, type LiveModel } from '@agentao/agent';
import type { Runner } from '@google/adk';
import type { AdkAgentOptions } from './adk-agent.ts';
import { AdkRun } from './adk-run.ts';
import { listenToModels } from './live-llm.ts';
import { type Adk, loadAdk } from './load-adk.ts';

const appName = 'agentao';

/** An agent of the kit as a live model. */
export function adkModel(options: AdkAgentOptions): LiveModel {
  const root = options.agent ?? options.runner?.agent;
  let loading: Promise<{ readonly adk: Adk; readonly runner: Runner }> | undefined;
  const load = async (): Promise<{ readonly adk: Adk; readonly runner: Runner }> => {
    const adk = await loadAdk();
    const { runner = new adk.InMemoryRunner({ agent: root as NonNullable<typeof options.agent>, appName }) } = options;
    if (!adk.isBaseAgent(runner.agent)) {
      throw new LiveModelError('BAD_REQUEST', 'runLive of the kit runs agents, and no other workflow.');
    }
    listenToModels(adk, runner.agent);
    return { adk, runner };
  };
  return {
    name: `adk:${root?.name ?? 'agent'}`,
    inputRateHz: 16_000,
    outputRateHz: 24_000,
    chunkMs: 100,
    abilities: { truncation: false, textDuringAudio: false, resumption: true },
    open: async (session) => {
      loading ??= load();
      const { adk, runner } = await loading.catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      const run = new AdkRun({ adk, runner, options, session });
      await run.open();
      return run;
    },
  };
}
