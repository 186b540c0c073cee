import { bridgeCall, type LiveModel } from '@agentao/agent';
import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { gemini } from '@agentao/gemini';
import { epochMs } from './epoch.ts';

/** What the agent tells of one interruption. */
export interface AgentInterruption {
  readonly callId: string;
  /** When the bridge was told of it. */
  readonly toldMs: number;
}

const model = gemini({ apiKey: 'any', setupTimeoutMs: 5_000 });
const client = new AgenTaoClient(AgenTaoClientConfig.fromEnv());

client.on(events.INCOMING_CALL, async (call) => {
  const watched: LiveModel = {
    ...model,
    open: (session) =>
      model.open({
        ...session,
        onEvent: (event) => {
          if (event.type === 'interrupted') {
            process.send?.({ callId: call.callId, toldMs: epochMs() } satisfies AgentInterruption);
          }
          session.onEvent(event);
        },
      }),
  };
  await using bridge = disposable(await bridgeCall(call, watched));
  await call.answer();
  await bridge.end;
});

await client.connect();
process.send?.('ready');
process.once('disconnect', () => process.exit(0));
await client.runForever();

function disposable<T extends { close(): Promise<void> }>(bridge: T): T & AsyncDisposable {
  return Object.assign(bridge, { [Symbol.asyncDispose]: () => bridge.close() });
}
