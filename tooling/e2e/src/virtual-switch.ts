import { AgenTaoClientConfig, type CommonOptions } from '@agentao/calls';
import { createVirtualClock, type VirtualClock } from '@agentao/clock';
import {
  type ConnectorOptions,
  createApiKey,
  createSwitch,
  type Switch,
  type SwitchRecords,
  type TimelineEntry,
} from '@agentao/switch';
import { createScriptedPhones, type ScriptedPhones } from '@agentao/switch/testing';
import { createMemoryNetwork, type MemoryNetwork } from '@agentao/transport/memory';

const host = '127.0.0.1:7350';
export const calleeNumber = '+15559999';
const connectorUuid = 'e2e';

/** A switch with phones and memory sockets on a virtual clock, and no client yet. */
export interface VirtualSwitch extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly callSwitch: Switch;
  readonly phones: ScriptedPhones;
  readonly timeline: readonly TimelineEntry[];
  /** What `AgenTaoClientConfig.fromEnv` needs to reach it. */
  readonly env: Readonly<Record<string, string>>;
  config(options?: CommonOptions): AgenTaoClientConfig;
  /** Resolves when a client is ready for calls. */
  whenReady(): Promise<void>;
  /** Lets time pass as far as `promise` needs it. */
  settled<T>(promise: Promise<T>): Promise<T>;
}

/** How it differs from the ordinary; `connector` is what its one connector has beside number and key. */
export interface VirtualSwitchOptions {
  readonly latencyMs?: number;
  readonly connector?: Pick<ConnectorOptions, 'limits' | 'takeover'>;
  readonly records?: SwitchRecords;
}

/** Starts it. */
export function openVirtualSwitch({
  latencyMs = 0,
  connector = {},
  records,
}: VirtualSwitchOptions = {}): VirtualSwitch {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const network = createMemoryNetwork({ clock, latencyMs });
  const phones = createScriptedPhones({ clock });
  const { key: apiKey, stored } = createApiKey();
  const callSwitch = createSwitch({
    clock,
    legs: [phones],
    ...(records === undefined ? {} : { records }),
    connectors: [{ ...connector, uuid: connectorUuid, numbers: [calleeNumber], keys: [stored] }],
  });
  const timeline: TimelineEntry[] = [];
  callSwitch.onTimeline((entry) => timeline.push(entry));
  const server = network.listen({ host, onUpgrade: callSwitch.onUpgrade, onRequest: callSwitch.onRequest });
  callSwitch.start();
  const settled = <T>(promise: Promise<T>): Promise<T> => clock.runUntil(promise, { maxMs: 600_000 });
  const baseUrl = `ws://${host}`;

  return {
    clock,
    network,
    callSwitch,
    phones,
    timeline,
    env: { AGENTAO_API_KEY: apiKey, AGENTAO_CONNECTOR_UUID: connectorUuid, AGENTAO_BASE_URL: baseUrl },
    config: (options) => AgenTaoClientConfig.sandbox({ ...options, apiKey, connectorUuid, baseUrl }),
    whenReady: () => settled(callSwitch.whenReady(connectorUuid)),
    settled,
    [Symbol.asyncDispose]: async () => {
      await settled(callSwitch.close());
      await settled(server.close());
    },
  };
}
