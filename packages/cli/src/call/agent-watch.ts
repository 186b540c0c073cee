import type { Clock } from '@agentao/clock';
import { decodeMonitorSwitch, encode, limits, type MonitorClientMessage, paths, subprotocols } from '@agentao/protocol';
import type { SocketFactory } from '@agentao/transport';

/** Where the call is placed, and between whom. */
export interface AgentWatchOptions {
  readonly clock: Clock;
  readonly connect: SocketFactory;
  /** Base URL of the switch. */
  readonly url: string;
  readonly operatorToken: string;
  readonly from: string;
  readonly to: string;
}

/** Watches a call by the switch's own account of it. Disposing closes the socket. */
export interface AgentWatch extends Disposable {
  /** When the agent of the call was last lost, by the clock; `undefined` while there is one, came back, or another one has the call. */
  readonly goneMs: number | undefined;
}

const openTimeoutMs = 5_000;

/**
 * Opens a monitor for the next call between two numbers. Phones alone cannot tell that an agent is gone: a caller who is kept waiting for another one hears what
 * one hears whose agent is silent. Rejects with `SocketOpenError`.
 */
export async function watchAgent(options: AgentWatchOptions): Promise<AgentWatch> {
  const { clock, connect, url, operatorToken, from, to } = options;
  const socket = await connect({
    url: new URL(paths.monitor, url).href,
    subprotocols: [subprotocols.monitor],
    headers: { authorization: `Bearer ${operatorToken}` },
    maxMessageBytes: 2 * limits.controlMessageBytes,
    openTimeoutMs,
  });
  const send = (message: MonitorClientMessage): void => socket.send(encode(message));
  let callId: string | undefined;
  let goneMs: number | undefined;

  const told = (kind: string): void => {
    if (kind === 'agent_away' || kind === 'agent_lost') goneMs ??= clock.now();
    if (kind === 'agent_resumed' || kind === 'attached') goneMs = undefined;
  };

  socket.start({
    text: (text) => {
      const message = decodeMonitorSwitch(text);
      if (message.type === 'ping') send({ type: 'pong', id: message.id });
      else if (message.type === 'timeline' && message.callId === callId) told(message.entry.kind);
      else if (message.type === 'call' && callId === undefined) {
        const { call } = message;
        if (call.callerNumber !== from || call.calleeNumber !== to) return;
        ({ callId } = call);
        send({ type: 'watch', callIds: [callId] });
      }
    },
    binary: () => undefined,
    closed: () => undefined,
  });
  return {
    get goneMs() {
      return goneMs;
    },
    [Symbol.dispose]: () => socket.close(1000),
  };
}
