import { useEffect, useState } from 'react';
import { type ChosenCall, callToWatch } from './selection.ts';
import type { Monitor, MonitorState, WatchedCall } from '../../monitor/monitor.ts';

/** Keeps the monitor on the call to watch; returns how a person chooses one. */
export function useSelection(monitor: Monitor, state: MonitorState): (call: WatchedCall) => void {
  const [chosen, setChosen] = useState<ChosenCall>();
  const toWatch = callToWatch(state, chosen);
  useEffect(() => {
    if (toWatch !== monitor.state.selectedId) monitor.select(toWatch);
  }, [monitor, toWatch]);
  return ({ callId, ending }) => setChosen({ callId, wasLive: ending === undefined });
}
