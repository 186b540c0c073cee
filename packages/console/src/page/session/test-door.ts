import { createSnapshotStore } from '../store/snapshot-store.ts';
import { type Door, DoorError, type DoorState } from './session.ts';

/** A door without a switch behind it. */
export interface TestDoor extends Door {
  /** What the next questions for a ticket are answered with, until it is taken away. */
  refusal: DoorError['code'] | undefined;
  readonly tickets: number;
  become(state: DoorState): void;
}

/** Makes a door through which an operator has come. */
export function createTestDoor(): TestDoor {
  const session = { role: 'operator', mayDial: true, numbers: ['+15559999'] } as const;
  const store = createSnapshotStore<DoorState>({ name: 'signed-in', session });
  let tickets = 0;
  return {
    refusal: undefined,
    get tickets() {
      return tickets;
    },
    get state() {
      return store.state;
    },
    subscribe: store.subscribe,
    ticket() {
      if (this.refusal !== undefined) return Promise.reject(new DoorError(this.refusal, 'no'));
      tickets += 1;
      return Promise.resolve(`ticket-${tickets}`);
    },
    sessionOver: () => store.set({ name: 'signed-out', why: 'session-over' }),
    invite: () => Promise.reject(new DoorError('FORBIDDEN', 'no')),
    signOut: () => Promise.resolve(),
    become: store.set,
  };
}
