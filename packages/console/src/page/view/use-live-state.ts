import { useCallback, useSyncExternalStore } from 'react';

/** What shows a state and tells of each change of it: a door, a softphone, a monitor. */
export interface LiveState<State> {
  readonly state: State;
  subscribe(listener: () => void): () => void;
}

/** The present state of `source`; the component is drawn again with each change. */
export function useLiveState<State>(source: LiveState<State>): State {
  const subscribe = useCallback((listener: () => void) => source.subscribe(listener), [source]);
  return useSyncExternalStore(subscribe, () => source.state);
}
