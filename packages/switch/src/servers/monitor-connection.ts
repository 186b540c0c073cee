import type { Clock, Timer } from '@agentao/clock';
import {
  type CloseCodeName,
  decodeMonitorClient,
  limits as wire,
  type MonitorCall,
  ProtocolError,
} from '@agentao/protocol';
import type { CallHistory } from '../calls/timeline-archive.ts';
import type { OperatorRole } from '../operators/operator-sessions.ts';
import { timelineFor, viewFor } from './call-view.ts';
import { keepAlive } from './keep-alive.ts';
import type { Logger } from './logger.ts';
import type { Peer } from './peer.ts';

/** A live call as monitors see it. */
export interface ShownCall {
  readonly callId: string;
  /** As it was shown last. */
  readonly view: MonitorCall;
  readonly history: CallHistory;
}

/** What a monitor connection needs from the server. */
export interface MonitorConnectionOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly role: OperatorRole;
  /** Unread bytes beyond which history waits until the peer has read. */
  readonly patienceBytes: number;
  /** The live calls, oldest first. */
  readonly calls: () => Iterable<ShownCall>;
  readonly find: (callId: string) => ShownCall | undefined;
  /** The calls that are watched from now on. */
  readonly onWatch: (monitor: MonitorConnection, callIds: readonly string[]) => void;
  readonly onOver: (monitor: MonitorConnection) => void;
}

/** One monitor socket. Texts are encoded for its role. */
export interface MonitorConnection {
  readonly role: OperatorRole;
  /** A call is new or looks different. */
  changed(callId: string, text: string): void;
  /** A call is over; it is watched no longer. */
  ended(callId: string, text: string): void;
  /** The entry `number` of a watched call's timeline. */
  timeline(callId: string, number: number, text: string): void;
  /** The levels of a watched call. */
  levels(text: string): void;
  close(name: CloseCodeName): void;
}

interface Watched {
  readonly call: ShownCall;
  /** Number of the entry that this monitor is told next. */
  next: number;
}

/** How much of what a monitor missed it is told at once, and how long the next portion waits: calls must not wait for a monitor. */
const portion: { readonly messages: number; readonly everyMs: number } = { messages: 64, everyMs: 10 };

/** Speaks `agentao.monitor.v1` with one monitor until either side is gone. */
export function openMonitorConnection(peer: Peer, options: MonitorConnectionOptions): MonitorConnection {
  const { clock, logger, role, patienceBytes, find } = options;
  const { heartbeatMs } = wire;
  /** Calls that did not fit into the snapshot and have not been told yet. */
  const untold = new Set<string>();
  let watched = new Map<string, Watched>();
  let timer: Timer | undefined;
  let nextPortionMs = clock.now();

  const tellHistory = (item: Watched, atMost: number): number => {
    const { call } = item;
    const { history } = call;
    item.next = Math.max(item.next, history.start);
    const until = Math.min(history.end, item.next + atMost);
    const told = until - item.next;
    while (item.next < until) {
      const entry = history.at(item.next++);
      if (entry !== undefined) peer.send(timelineFor(role, entry));
    }
    return told;
  };

  const behind = (): boolean =>
    untold.size > 0 || [...watched.values()].some(({ next, call }) => next < call.history.end);

  const tellPortion = (): void => {
    let left = portion.messages;
    for (const callId of untold) {
      if (left === 0) return;
      untold.delete(callId);
      const call = find(callId);
      if (call !== undefined) peer.send({ type: 'call', call: viewFor(role, call.view) });
      left--;
    }
    for (const item of watched.values()) left -= tellHistory(item, left);
  };

  /** Tells what is missing, portion by portion. */
  const catchUp = (): void => {
    timer?.cancel();
    if (behind() && clock.now() >= nextPortionMs) {
      if (peer.unreadBytes <= patienceBytes) tellPortion();
      nextPortionMs = clock.now() + portion.everyMs;
    }
    if (peer.open && behind()) timer = clock.setTimer(nextPortionMs, catchUpGuarded);
  };

  const catchUpGuarded = (): void => {
    try {
      catchUp();
    } catch (error) {
      logger.error({ err: error }, 'a monitor could not be told what it missed');
      peer.close('INTERNAL');
    }
  };

  const watch = (callIds: readonly string[]): void => {
    const next = new Map<string, Watched>();
    for (const callId of callIds) {
      const call = find(callId);
      // What is watched already goes on where it is.
      if (call !== undefined) next.set(callId, watched.get(callId) ?? { call, next: call.history.start });
    }
    watched = next;
    options.onWatch(monitor, [...next.keys()]);
    catchUp();
  };

  const sendSnapshot = (): void => {
    const calls: MonitorCall[] = [];
    for (const { callId, view } of options.calls()) {
      if (calls.length < wire.snapshotCalls) calls.push(viewFor(role, view));
      else untold.add(callId);
    }
    peer.send({ type: 'snapshot', calls });
    catchUp();
  };

  const text = (raw: string): void => {
    const message = decodeMonitorClient(raw);
    logger.debug({ type: message.type }, 'monitor message');
    switch (message.type) {
      case 'ping':
        return peer.send({ type: 'pong', id: message.id });
      case 'pong':
        return alive.pong(message.id);
      case 'watch':
        return watch(message.callIds);
      case 'unknown':
        return;
    }
  };

  const monitor: MonitorConnection = {
    role,
    changed: (callId, message) => {
      // One that is still to be told will be told as it is by then.
      if (!untold.has(callId)) peer.sendText(message);
    },
    ended: (callId, message) => {
      const item = watched.get(callId);
      if (item !== undefined) tellHistory(item, Number.POSITIVE_INFINITY);
      watched.delete(callId);
      if (!untold.delete(callId)) peer.sendText(message);
    },
    timeline: (callId, number, message) => {
      const item = watched.get(callId);
      if (item?.next !== number) return;
      item.next++;
      peer.sendText(message);
    },
    levels: (message) => peer.sendText(message),
    close: (name) => peer.close(name),
  };

  const alive = keepAlive(peer, { clock, everyMs: heartbeatMs, quietMs: 0, deadMs: 2 * heartbeatMs });
  logger.info({ role }, 'monitor connected');
  peer.start({
    text,
    binary: () => {
      throw new ProtocolError('BAD_MESSAGE', 'a binary message on a monitor socket');
    },
    over: ({ by, code }) => {
      alive.stop();
      timer?.cancel();
      watched.clear();
      logger.info({ role, by, code }, 'monitor disconnected');
      options.onOver(monitor);
    },
  });
  sendSnapshot();

  return monitor;
}
