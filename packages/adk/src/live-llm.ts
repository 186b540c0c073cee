import { LiveModelError } from '@agentao/agent';
import type { LiveSocket } from '@agentao/agent/internal';
import type { BaseAgent, BaseLlm, BaseLlmConnection, LlmRequest } from '@google/adk';
import { currentRun } from './current-run.ts';
import type { Adk } from './load-adk.ts';

/** What is used of the kit's model of Gemini. */
interface GeminiLlm extends BaseLlm {
  readonly liveApiClient: { readonly live: object };
}

const listened = new WeakSet<BaseAgent>();
const override =
  'override it with one that does, in package.json: "overrides": { "@google/genai": "3.1.0" } (pnpm: "pnpm.overrides")';

/** Makes the model of every agent below this one connect through the call it is asked on; off calls it is as it was. */
export function listenToModels(adk: Adk, agent: BaseAgent): void {
  if (listened.has(agent)) return;
  listened.add(agent);
  if (adk.isLlmAgent(agent)) {
    const origin = Object.getPrototypeOf(agent) as object;
    Object.defineProperty(agent, 'canonicalModel', {
      configurable: true,
      get: () => {
        const current = currentRun.getStore();
        // It may be the model of an agent above, as that one has it off calls.
        const llm = currentRun.exit(() => Reflect.get(origin, 'canonicalModel', agent)) as BaseLlm;
        if (current === undefined) return llm;
        return Object.create(llm, { connect: { value: (request: LlmRequest) => current.run.connect(llm, request) } });
      },
    });
  }
  for (const below of agent.subAgents) listenToModels(adk, below);
}

/** Connects a model over this socket. */
export function connectOver(socket: LiveSocket, llm: BaseLlm, request: LlmRequest): Promise<BaseLlmConnection> {
  const client = 'liveApiClient' in llm ? (llm as GeminiLlm).liveApiClient : undefined;
  if (client === undefined) {
    throw new LiveModelError('BAD_REQUEST', `${llm.model} is no Gemini model: only those are live in the kit.`);
  }
  const { live } = client;
  const factory = 'webSocketFactory' in live ? (live.webSocketFactory as Partial<LiveSocket> | undefined) : undefined;
  if (typeof factory?.create !== 'function') {
    throw new LiveModelError('NOT_INSTALLED', `The @google/genai below @google/adk is not known to work: ${override}`);
  }
  const overSocket = Object.create(live, { webSocketFactory: { value: { create: socket.create } } }) as object;
  const overClient = Object.create(client, { live: { value: overSocket } }) as object;
  const overLlm = Object.create(llm, { liveApiClient: { value: overClient } }) as BaseLlm;
  return overLlm.connect(request);
}
