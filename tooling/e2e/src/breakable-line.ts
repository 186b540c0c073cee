import { type ActiveCall, AgenTaoClient, type AnyCallEvent, type CommonOptions, events } from '@agentao/calls';
import type { Phone, PhoneOptions } from '@agentao/switch/testing';
import { SocketOpenError } from '@agentao/transport';
import type { MemoryConnection } from '@agentao/transport/memory';
import { calleeNumber, openVirtualSwitch, type VirtualSwitch } from './virtual-switch.ts';

/** A call whose agent's media connection a test may break, with all that the three of them heard. */
export interface BreakableCall {
  readonly call: ActiveCall;
  readonly caller: Phone;
  readonly callee: Phone;
  /** The agent's newest media connection; `undefined` while there is none. */
  media(): MemoryConnection | undefined;
  /** The events of the call, in the order in which they came. */
  readonly told: readonly AnyCallEvent[];
  /** Position and samples of every chunk of the mix, in the order in which they came. */
  readonly heard: readonly { readonly position: number; readonly samples: Int16Array }[];
}

/** A switch and a client whose network breaks when a test says so. */
export interface BreakableLine {
  readonly virtual: VirtualSwitch;
  readonly client: AgenTaoClient;
  /** Whether new connections come about. */
  reachable: boolean;
  /** Places the one call of this line, and resolves with all its ends. */
  ring(options?: { readonly caller?: PhoneOptions; readonly callee?: PhoneOptions }): Promise<BreakableCall>;
  /** Ends the client and the switch; resolves with the timers that are left. */
  close(): Promise<number>;
}

/** Opens it, with the client connected and ready. */
export async function openBreakableLine(
  options: { readonly latencyMs?: number; readonly client?: CommonOptions; readonly random?: () => number } = {},
): Promise<BreakableLine> {
  const { latencyMs = 0, random = () => 0.5 } = options;
  const virtual = openVirtualSwitch({ latencyMs });
  const { clock, network, phones, settled } = virtual;
  const arrived = Promise.withResolvers<ActiveCall>();
  let reachable = true;

  const client = new AgenTaoClient(virtual.config(options.client), {
    clock,
    random,
    transport: async (request) => {
      if (!reachable) throw new SocketOpenError('UNREACHABLE', 'the network is down');
      return await network.connect(request);
    },
  });
  client.on(events.INCOMING_CALL, async (call) => {
    arrived.resolve(call);
    await call.ended;
  });
  await settled(Promise.all([client.connect(), virtual.whenReady()]));

  return {
    virtual,
    client,
    get reachable() {
      return reachable;
    },
    set reachable(next) {
      reachable = next;
    },
    async ring(phoneOptions = {}) {
      const caller = phones.phone('+15550001', phoneOptions.caller);
      const callee = phones.phone(calleeNumber, phoneOptions.callee);
      const outcome = caller.dial(calleeNumber);
      if (!outcome.accepted) throw new Error(outcome.message);
      const call = await settled(arrived.promise);
      const told: AnyCallEvent[] = [];
      const heard: { position: number; samples: Int16Array }[] = [];
      call.events$.subscribe((event) => told.push(event));
      call.audio$().subscribe(({ positionSamples, samples }) => heard.push({ position: positionSamples, samples }));
      const media = (): MemoryConnection | undefined =>
        network.connections().findLast(({ url }) => url.endsWith('/media'));
      return { call, caller, callee, media, told, heard };
    },
    close: async () => {
      await settled(client.disconnect());
      await virtual[Symbol.asyncDispose]();
      // Closing handshakes come to their end.
      await clock.advance(3_000);
      return clock.pendingTimers;
    },
  };
}
