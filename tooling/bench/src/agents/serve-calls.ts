import { setFlagsFromString } from 'node:v8';
import { AgenTaoClient, AgenTaoClientConfig, type CallHandler, events } from '@agentao/calls';
import { type Footprint, footprint } from './footprint.ts';

/** What a process of agents holds, how many calls it is done with, and how often a tool of theirs has run. */
export interface AgentFootprint extends Footprint {
  readonly done: number;
  readonly tools: number;
}

/** Runs a handler as people do. Asked for its `footprint`, the process says what it holds after a collection. */
export async function serveCalls(handler: CallHandler, toolRuns: () => number): Promise<void> {
  setFlagsFromString('--expose-gc');
  const client = new AgenTaoClient(AgenTaoClientConfig.fromEnv());
  let done = 0;
  client.on(events.INCOMING_CALL, async (call) => {
    await handler(call);
    done += 1;
  });
  await client.connect();
  process.send?.('ready');
  process.once('disconnect', () => process.exit(0));
  process.on('message', (message) => {
    if (message !== 'footprint') return;
    void footprint().then((held) => process.send?.({ ...held, done, tools: toolRuns() } satisfies AgentFootprint));
  });
  await client.runForever();
}
