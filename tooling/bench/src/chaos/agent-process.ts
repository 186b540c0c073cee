import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { sleep } from '@agentao/clock';
import { createWsConnector } from '@agentao/transport/ws';
import { type AgentManner, type AgentPart, createAgentPart, Unwell } from './agent-part.ts';
import { createSteppedClock, leave, obey, tell } from './child-side.ts';

/** How this process is told what to be. */
export interface AgentSetup {
  readonly baseUrl: string;
  readonly connectors: readonly { readonly uuid: string; readonly apiKey: string }[];
  readonly acceptsTakeover: boolean;
  readonly manner: AgentManner;
  /** How long calls may go on after SIGTERM. */
  readonly drainTimeoutMs: number;
}

const setup = JSON.parse(process.env['CHAOS_AGENT'] ?? '') as AgentSetup;
const { baseUrl, acceptsTakeover, manner, drainTimeoutMs } = setup;
const clock = createSteppedClock();
const parts = new Set<AgentPart>();
const errors: string[] = [];
const flushMs = 2_000;

const clients = setup.connectors.map(({ uuid, apiKey }) => {
  const logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    // What is logged of handlers that are meant to fail, and of networks that are meant to, is no fault.
    error: () => undefined,
  };
  const config = AgenTaoClientConfig.sandbox({
    apiKey,
    connectorUuid: uuid,
    baseUrl,
    acceptsTakeover,
    bufferSize: 48_000,
    onHandlerError: 'close',
    logger,
  });
  const client = new AgenTaoClient(config, { clock, transport: createWsConnector({ clock }) });
  client.on(events.INCOMING_CALL, async (call) => {
    const part = createAgentPart(call, clock, manner);
    parts.add(part);
    try {
      await part.run();
    } catch (error) {
      if (!(error instanceof Unwell)) errors.push(String(error));
      throw error;
    } finally {
      parts.delete(part);
    }
  });
  return client;
});

setInterval(() => {
  for (const part of parts) part.flush();
}, flushMs).unref();
obey(clock, () => ({ calls: parts.size, busy: parts.size, errors }));
process.once('SIGTERM', () => tell({ type: 'draining' }));
// The first connection is the program's own business; the ones that follow are the client's.
await Promise.all(
  clients.map(async (client) => {
    while (!(await client.connect().then(() => true).catch(() => false))) await sleep(clock, 500);
  }),
);
const running = clients.map((client) => client.runForever({ drainTimeoutMs }));
tell({ type: 'ready' });
await Promise.all(running);
// Handlers settle behind the end of their calls.
for (let waitedMs = 0; parts.size > 0 && waitedMs < 5_000; waitedMs += 50) await sleep(clock, 50);
await leave();
