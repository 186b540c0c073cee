import { type ActiveCall, AgenTaoClient, type CommonOptions, events } from '@agentao/calls';
import type { VirtualClock } from '@agentao/clock';
import type { Switch, TimelineEntry } from '@agentao/switch';
import type { Phone, PhoneOptions } from '@agentao/switch/testing';
import type { MemoryNetwork } from '@agentao/transport/memory';
import { calleeNumber, openVirtualSwitch } from './virtual-switch.ts';

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
  const virtual = openVirtualSwitch({ latencyMs: options.latencyMs ?? 0 });
  const { clock, network, callSwitch, phones, timeline, settled } = virtual;
  const client = new AgenTaoClient(virtual.config(options.client), { clock, transport: network.connect });
  let take: (call: ActiveCall) => void = () => undefined;
  client.on(events.INCOMING_CALL, async (call) => {
    take(call);
    await call.ended;
  });
  await settled(Promise.all([client.connect(), virtual.whenReady()]));
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
      await virtual[Symbol.asyncDispose]();
    },
  };
}
