/** Holds an immutable state and tells of each change of it; fits React's `useSyncExternalStore`. */
export interface SnapshotStore<State extends object> {
  /** The same object until something in it changes. */
  readonly state: State;
  /** Called after each change. Returns what unsubscribes. */
  subscribe(listener: () => void): () => void;
  /** Replaces the whole state. */
  set(next: State): void;
  /** Replaces these fields; nothing happens if they are the same already. */
  patch(fields: Partial<State>): void;
}

/** Makes a store with a first state. */
export function createSnapshotStore<State extends object>(first: State): SnapshotStore<State> {
  const listeners = new Set<() => void>();
  let state = first;

  const set = (next: State): void => {
    if (sameFields(state, next)) return;
    state = next;
    for (const listener of [...listeners]) listener();
  };

  return {
    get state() {
      return state;
    },
    subscribe: (listener) => {
      // A wrapper of its own, so that one function may subscribe twice.
      const entry = (): void => listener();
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    set,
    patch: (fields) => set({ ...state, ...fields }),
  };
}

/** Whether two states have the same fields with the same values. */
export function sameFields(before: object, after: object): boolean {
  const entries = Object.entries(after);
  const fields = new Map<string, unknown>(Object.entries(before));
  return entries.length === fields.size && entries.every(([key, value]) => Object.is(fields.get(key), value));
}
