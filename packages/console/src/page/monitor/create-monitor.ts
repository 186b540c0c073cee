import {
  decodeMonitorSwitch,
  limits,
  type MonitorClientMessage,
  type MonitorSwitchMessage,
  type Ping,
  type Pong,
} from '@agentao/protocol';
import type { Door } from '../session/session.ts';
import { createLink, type LinkState } from '../socket/link.ts';
import { browserPageLife, type PageLife } from '../socket/page-life.ts';
import { openBrowserSocket, type OpenPageSocket } from '../socket/page-socket.ts';
import { browserTime, type PageTime } from '../socket/page-time.ts';
import { createSnapshotStore } from '../store/snapshot-store.ts';
import { createCallList } from './call-list.ts';
import type { CallLevels, Monitor, MonitorState } from './monitor.ts';

/** Whose monitor it is, and the parts of the browser that it uses; the browser's own unless given. */
export interface CreateMonitorOptions {
  readonly door: Door;
  readonly time?: PageTime;
  readonly pageLife?: PageLife;
  readonly openSocket?: OpenPageSocket;
  readonly random?: () => number;
}

type SwitchWord = Exclude<MonitorSwitchMessage, Ping | Pong>;

const silence: CallLevels = { callerDb: -120, calleeDb: -120, agentDb: -120 };
/** Lines of a timeline come in bursts; the page is told of them together. */
const gatherMs = 50;

/** Makes a monitor that is connected for as long as its page is signed in. */
export function createMonitor(options: CreateMonitorOptions): Monitor {
  const { door, time = browserTime, pageLife = browserPageLife, random = Math.random } = options;
  const list = createCallList();
  const store = createSnapshotStore<MonitorState>({
    connection: 'connecting',
    calls: [],
    selectedId: undefined,
    timeline: [],
  });
  let levels = silence;
  /** Whether the selected call was chosen by the person. */
  let chosen = false;
  let gathering: (() => void) | undefined;
  let closed = false;
  /** As the switch was told on this connection. */
  let watchedId: string | undefined;

  const show = (): void => {
    gathering?.();
    gathering = undefined;
    const { selectedId } = store.state;
    store.patch({ calls: list.calls, timeline: list.timeline(selectedId) });
  };

  const watch = (): void => {
    const { selectedId } = store.state;
    const nextId = selectedId !== undefined && list.isLive(selectedId) ? selectedId : undefined;
    if (nextId === watchedId) return;
    watchedId = nextId;
    if (nextId !== undefined) list.expectTimeline(nextId);
    link.send({ type: 'watch', callIds: nextId === undefined ? [] : [nextId] });
  };

  const select = (callId: string | undefined): void => {
    if (callId === store.state.selectedId) return;
    levels = silence;
    store.patch({ selectedId: callId, timeline: list.timeline(callId) });
    watch();
  };

  /** Without a choice of the person, the oldest live call is shown. */
  const selectFirst = (): void => {
    const { selectedId } = store.state;
    if (selectedId !== undefined && (chosen || list.isLive(selectedId))) return;
    const first = list.calls.find(({ callId }) => list.isLive(callId));
    if (first === undefined) return;
    chosen = false;
    select(first.callId);
  };

  const hear = (message: SwitchWord): void => {
    switch (message.type) {
      case 'snapshot': {
        link.established();
        watchedId = undefined;
        list.replace(message.calls);
        const { selectedId } = store.state;
        const isThere = list.calls.some(({ callId }) => callId === selectedId);
        store.patch({ connection: 'live', ...(!isThere && { selectedId: undefined }) });
        levels = silence;
        show();
        selectFirst();
        watch();
        return;
      }
      case 'call':
        list.change(message.call);
        show();
        selectFirst();
        return;
      case 'ended':
        list.end(message, time.wallMs());
        if (message.callId === store.state.selectedId) levels = silence;
        show();
        selectFirst();
        return;
      case 'timeline':
        list.addLine(message.callId, { atMs: message.atMs, entry: message.entry });
        gathering ??= time.after(gatherMs, show);
        return;
      case 'levels': {
        const { callId, callerDb, calleeDb, agentDb } = message;
        if (callId === store.state.selectedId && list.isLive(callId)) levels = { callerDb, calleeDb, agentDb };
      }
    }
  };

  const follow = (state: LinkState): void => {
    if (state.name === 'open') return;
    levels = silence;
    const isFirst = state.name === 'connecting' && state.why === undefined;
    store.patch({ connection: isFirst ? 'connecting' : 'lost' });
  };

  const link = createLink<MonitorClientMessage, SwitchWord>({
    kind: 'monitor',
    door,
    time,
    open: options.openSocket ?? openBrowserSocket,
    random,
    pingMs: limits.heartbeatMs,
    deadMs: 2 * limits.heartbeatMs,
    decode: decodeMonitorSwitch,
    opened: () => undefined,
    text: hear,
    binary: () => undefined,
    changed: follow,
  });

  const attend = (): void => {
    if (closed) return;
    const isIn = door.state.name === 'signed-in';
    if (isIn && link.state.name === 'down') link.start();
    else if (!isIn) leave();
  };

  /** What was seen belongs to the session that is over. */
  const leave = (): void => {
    link.stop();
    list.clear();
    watchedId = undefined;
    gathering?.();
    gathering = undefined;
    store.patch({ calls: list.calls, selectedId: undefined, timeline: list.timeline(undefined) });
  };

  const stops = [
    door.subscribe(attend),
    pageLife.onWake(() => {
      // A person looks at the page again: reason enough to try once more, whatever has ended the last connection.
      if (link.state.name === 'down') attend();
      else link.wake();
    }),
    pageLife.onLeave(() => link.stop()),
    pageLife.onReturn(attend),
  ];
  attend();

  return {
    get state() {
      return store.state;
    },
    subscribe: store.subscribe,
    get levels() {
      return levels;
    },
    select: (callId) => {
      chosen = callId !== undefined;
      select(callId);
    },
    close: () => {
      closed = true;
      for (const stop of stops) stop();
      gathering?.();
      link.stop();
    },
  };
}
