import type { Clock } from '@agentao/clock';
import { limits as wire, type MonitorCall, type MonitorSwitchMessage } from '@agentao/protocol';
import type { Call, CallEnding, TimelineEntry } from '../calls/call.ts';
import { createTimelineArchive } from '../calls/timeline-archive.ts';
import type { CallLevels } from '../media/level-tap.ts';
import type { OperatorRole } from '../operators/operator-sessions.ts';
import { type Admission, refuse } from './admission.ts';
import { encodeForRoles, looksSame, timelineFor, viewFor, viewOf } from './call-view.ts';
import type { Logger } from './logger.ts';
import { type MonitorConnection, openMonitorConnection, type ShownCall } from './monitor-connection.ts';
import type { ServerLimits } from './server-limits.ts';
import { admitVisitor, type Visitor } from './visitor.ts';

/** What the monitor server is given. */
export interface MonitorServerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: ServerLimits;
}

/** The server behind `/monitor`. What the switch tells it comes back at once and never throws. */
export interface MonitorServer {
  readonly admit: (visitor: Visitor) => Admission;
  /** An entry of a call's timeline, the first one before `arrived`. */
  timeline(entry: TimelineEntry): void;
  /** A call is one of the switch's from now on. */
  arrived(call: Call): void;
  /** A call may look different. */
  changed(call: Call): void;
  /** A call is over; also one that was over before it arrived. */
  ended(callId: string, ending: CallEnding): void;
  /** Closes all monitors with 1001. */
  close(): void;
}

interface BoardCall extends ShownCall {
  readonly call: Call;
  view: MonitorCall;
  readonly watchers: Set<MonitorConnection>;
  stopLevels: (() => void) | undefined;
}

/** Creates a monitor server without monitors. */
export function createMonitorServer(options: MonitorServerOptions): MonitorServer {
  const { clock, logger, limits } = options;
  const monitors = new Set<MonitorConnection>();
  const watching = new Map<MonitorConnection, readonly string[]>();
  const board = new Map<string, BoardCall>();
  const archive = createTimelineArchive(wire.timelineEntries);

  /** Runs what a call does for monitors: a throw is no matter of the call. */
  const attempt = (action: () => void, atFault?: MonitorConnection): void => {
    try {
      action();
    } catch (error) {
      logger.error({ err: error }, 'a monitor is at fault');
      if (atFault === undefined) return;
      forget(atFault);
      attempt(() => atFault.close('INTERNAL'));
    }
  };

  const tell = (
    audience: Iterable<MonitorConnection>,
    build: (role: OperatorRole) => MonitorSwitchMessage,
    send: (monitor: MonitorConnection, text: string) => void,
  ): void => {
    const textFor = encodeForRoles(build);
    for (const monitor of audience) {
      const text = textFor(monitor.role);
      attempt(() => send(monitor, text), monitor);
    }
  };

  const tellLevels = ({ callId, watchers }: BoardCall, levels: CallLevels): void => {
    const message = {
      type: 'levels',
      callId,
      callerDb: inTenths(levels.callerDb),
      calleeDb: inTenths(levels.calleeDb),
      agentDb: inTenths(levels.agentDb),
    } as const;
    tell(
      watchers,
      () => message,
      (monitor, text) => monitor.levels(text),
    );
  };

  /** Levels are measured while somebody watches. */
  const measure = (shown: BoardCall): void => {
    const { call, watchers } = shown;
    if (watchers.size > 0) {
      shown.stopLevels ??= call.onLevels((levels) => attempt(() => tellLevels(shown, levels)));
    } else {
      shown.stopLevels?.();
      shown.stopLevels = undefined;
    }
  };

  const watch = (monitor: MonitorConnection, callIds: readonly string[]): void => {
    const last = watching.get(monitor) ?? [];
    watching.set(monitor, callIds);
    for (const callId of last) board.get(callId)?.watchers.delete(monitor);
    for (const callId of callIds) board.get(callId)?.watchers.add(monitor);
    for (const callId of new Set([...last, ...callIds])) {
      const shown = board.get(callId);
      if (shown !== undefined) measure(shown);
    }
  };

  const forget = (monitor: MonitorConnection): void => {
    watch(monitor, []);
    watching.delete(monitor);
    monitors.delete(monitor);
  };

  return {
    admit: (visitor) => {
      if (monitors.size >= limits.monitors) {
        return refuse('LIMIT_REACHED', `${limits.monitors} monitors are connected already`);
      }
      // Viewers leave room for those who have to act.
      const viewers = [...monitors].filter(({ role }) => role === 'viewer').length;
      if (visitor.role === 'viewer' && viewers >= Math.ceil(limits.monitors / 2)) {
        return refuse('LIMIT_REACHED', `${viewers} viewers are connected already`);
      }
      const { monitorMessagesPerSecond: messagesPerSecond, unreadBytes } = limits;
      return admitVisitor(visitor, { clock, logger, messagesPerSecond, unreadBytes }, (peer) => {
        const monitor = openMonitorConnection(peer, {
          clock,
          logger,
          role: visitor.role,
          patienceBytes: unreadBytes / 4,
          calls: () => board.values(),
          find: (callId) => board.get(callId),
          onWatch: watch,
          onOver: forget,
        });
        if (peer.open) monitors.add(monitor);
      });
    },

    timeline: (entry) =>
      attempt(() => {
        const { callId } = entry;
        archive.add(entry);
        const number = (archive.of(callId)?.end ?? 0) - 1;
        tell(
          board.get(callId)?.watchers ?? [],
          (role) => timelineFor(role, entry),
          (monitor, text) => monitor.timeline(callId, number, text),
        );
      }),

    arrived: (call) =>
      attempt(() => {
        const { callId } = call;
        const history = archive.of(callId);
        if (history === undefined) return;
        const view = viewOf(call);
        board.set(callId, { callId, call, view, history, watchers: new Set(), stopLevels: undefined });
        tellCall(view);
      }),

    changed: (call) =>
      attempt(() => {
        const shown = board.get(call.callId);
        if (shown === undefined || call.ended) return;
        const view = viewOf(call);
        if (looksSame(view, shown.view)) return;
        shown.view = view;
        tellCall(view);
      }),

    ended: (callId, { reason, by }) =>
      attempt(() => {
        archive.forget(callId);
        const shown = board.get(callId);
        if (shown === undefined) return;
        board.delete(callId);
        shown.stopLevels?.();
        tell(
          monitors,
          () => ({ type: 'ended', callId, reason, by }),
          (monitor, text) => monitor.ended(callId, text),
        );
      }),

    close: () => {
      for (const monitor of [...monitors]) attempt(() => monitor.close('GOING_AWAY'));
    },
  };

  function tellCall(view: MonitorCall): void {
    tell(
      monitors,
      (role) => ({ type: 'call', call: viewFor(role, view) }),
      (monitor, text) => monitor.changed(view.callId, text),
    );
  }
}

function inTenths(levelDb: number): number {
  return Math.round(levelDb * 10) / 10;
}
