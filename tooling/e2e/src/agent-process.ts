import { type ActiveCall, AgenTaoClient, type CommonOptions, events } from '@agentao/calls';
import { type Socket, SocketOpenError } from '@agentao/transport';
import type { VirtualSwitch } from './virtual-switch.ts';

/** An agent on a virtual switch, as far as the switch can tell it from a process of its own. */
export interface AgentProcess {
  readonly client: AgenTaoClient;
  /** The calls that it got, oldest first. */
  readonly calls: readonly ActiveCall[];
  /** The next call that it gets. */
  nextCall(): Promise<ActiveCall>;
  /** Whether it can open sockets; default true. */
  reachable: boolean;
  /** As by `kill -9`: its sockets end without a word, and it opens no others. */
  kill(): void;
}

/** How it handles a call; default: it waits for the end. */
export type AgentHandler = (call: ActiveCall) => Promise<unknown>;

/** Starts one that accepts takeovers unless told otherwise, and waits until it is ready for calls. */
export async function startAgent(
  { clock, network, config, settled }: VirtualSwitch,
  options: { readonly client?: CommonOptions; readonly handler?: AgentHandler } = {},
): Promise<AgentProcess> {
  const { handler = (call) => call.ended } = options;
  const sockets = new Set<Socket>();
  const calls: ActiveCall[] = [];
  const waiting: ((call: ActiveCall) => void)[] = [];
  let alive = true;
  let reachable = true;
  const client = new AgenTaoClient(config({ acceptsTakeover: true, ...options.client }), {
    clock,
    random: () => 0.5,
    transport: async (request) => {
      if (!alive || !reachable) throw new SocketOpenError('UNREACHABLE', 'there is no way to the switch');
      const socket = await network.connect(request);
      sockets.add(socket);
      if (!alive) socket.terminate();
      return socket;
    },
  });
  client.on(events.INCOMING_CALL, async (call) => {
    calls.push(call);
    for (const resolve of waiting.splice(0)) resolve(call);
    await handler(call);
  });
  await settled(client.connect());
  // `ready` has gone out; nothing answers it.
  await clock.advance(100);
  return {
    client,
    calls,
    get reachable() {
      return reachable;
    },
    set reachable(next) {
      reachable = next;
    },
    nextCall: () =>
      settled(
        new Promise((resolve) => {
          waiting.push(resolve);
        }),
      ),
    kill: () => {
      alive = false;
      for (const socket of sockets) socket.terminate();
    },
  };
}
