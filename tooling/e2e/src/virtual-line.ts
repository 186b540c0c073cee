import { type ActiveCall, AgenTaoClient, AgenTaoClientConfig, type CommonOptions, events } from '@agentao/calls';
import { createVirtualClock, type VirtualClock } from '@agentao/clock';
import { createApiKey, createSwitch, type Switch, type TimelineEntry } from '@agentao/switch';
import { createScriptedPhones, type Phone, type PhoneOptions } from '@agentao/switch/testing';
import { createMemoryNetwork, type MemoryNetwork } from '@agentao/transport/memory';

const host = '127.0.0.1:7350';
const calleeNumber = '+15559999';

/** The whole system on one virtual clock: switch, memory sockets, the real client, and two phones. */
export interface VirtualLine extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly callSwitch: Switch;
  readonly client: AgenTaoClient;
  readonly caller: Phone;
  readonly callee: Phone;
  readonly timeline: readonly TimelineEntry[];
  /** Lets time pass as far as `promise` needs it. */
  settled<T>(promise: Promise<T>): Promise<T>;
  /** Dials, and resolves with the call as the agent gets it. */
  ring(): Promise<ActiveCall>;
}

/** How a line differs from two phones at the bus rate. */
export interface VirtualLineOptions {
  readonly caller?: PhoneOptions;
  readonly callee?: PhoneOptions;
  readonly latencyMs?: number;
  readonly client?: CommonOptions;
}

/** Opens it, with the client connected and ready. */
export async function openVirtualLine(options: VirtualLineOptions = {}): Promise<VirtualLine> {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const network = createMemoryNetwork({ clock, latencyMs: options.latencyMs ?? 0 });
  const phones = createScriptedPhones({ clock });
  const apiKey = createApiKey();
  const connectorUuid = 'e2e';
  const callSwitch = createSwitch({
    clock,
    legs: [phones],
    connectors: [{ uuid: connectorUuid, numbers: [calleeNumber], keys: [apiKey.stored] }],
  });
  const timeline: TimelineEntry[] = [];
  callSwitch.onTimeline((entry) => timeline.push(entry));
  const server = network.listen({ host, onUpgrade: callSwitch.onUpgrade, onRequest: callSwitch.onRequest });
  callSwitch.start();

  const config = AgenTaoClientConfig.sandbox({
    ...options.client,
    apiKey: apiKey.key,
    connectorUuid,
    baseUrl: `ws://${host}`,
  });
  const client = new AgenTaoClient(config, { clock, transport: network.connect });
  const settled = <T>(promise: Promise<T>): Promise<T> => clock.runUntil(promise, { maxMs: 600_000 });
  let take: (call: ActiveCall) => void = () => undefined;
  client.on(events.INCOMING_CALL, async (call) => {
    take(call);
    await call.ended;
  });
  await settled(Promise.all([client.connect(), callSwitch.whenReady(connectorUuid)]));
  const caller = phones.phone('+15550001', options.caller);
  const callee = phones.phone(calleeNumber, options.callee);

  return {
    clock,
    network,
    callSwitch,
    client,
    caller,
    callee,
    timeline,
    settled,
    ring: () => {
      const taken = new Promise<ActiveCall>((resolve) => {
        take = resolve;
      });
      const outcome = caller.dial(calleeNumber);
      if (!outcome.accepted) throw new Error(outcome.message);
      return settled(taken);
    },
    [Symbol.asyncDispose]: async () => {
      await settled(client.disconnect());
      await settled(callSwitch.close());
      await settled(server.close());
    },
  };
}
