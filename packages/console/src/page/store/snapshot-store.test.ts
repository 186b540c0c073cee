import { describe, expect, it } from 'vitest';
import { createSnapshotStore } from './snapshot-store.ts';

describe('snapshot store', () => {
  it('gives the same object until something changes, and a new one then', () => {
    const store = createSnapshotStore({ a: 1, b: 'x' });
    const before = store.state;
    store.patch({ a: 1 });
    store.set({ a: 1, b: 'x' });
    expect(store.state).toBe(before);
    store.patch({ a: 2 });
    expect(store.state).toEqual({ a: 2, b: 'x' });
    expect(before).toEqual({ a: 1, b: 'x' });
  });

  it('tells of each change once, and of nothing else', () => {
    const store = createSnapshotStore<{ a: number; b?: number }>({ a: 1 });
    let told = 0;
    const stop = store.subscribe(() => told++);
    store.patch({ a: 1 });
    expect(told).toBe(0);
    store.patch({ b: 2 });
    store.set({ a: 1 });
    expect(told).toBe(2);
    stop();
    store.patch({ a: 3 });
    expect(told).toBe(2);
  });

  it('lets one function subscribe twice and a listener unsubscribe while it is told', () => {
    const store = createSnapshotStore({ a: 1 });
    let told = 0;
    const listener = (): void => void told++;
    store.subscribe(listener);
    const stop = store.subscribe(listener);
    const stopSelf = store.subscribe(() => stopSelf());
    store.patch({ a: 2 });
    expect(told).toBe(2);
    stop();
    store.patch({ a: 3 });
    expect(told).toBe(3);
  });
});
