import { createBackoff } from '../socket/backoff.ts';
import { browserTime, type PageTime } from '../socket/page-time.ts';
import { createSnapshotStore } from '../store/snapshot-store.ts';
import { type AddressBar, browserAddressBar } from './address-bar.ts';
import { type Door, DoorError, type DoorState, type Session } from './session.ts';
import { type Answer, createSessionApi, type PageFetch } from './session-api.ts';

/** What a door is made of; the browser's own unless given. */
export interface DoorOptions {
  readonly fetch?: PageFetch;
  readonly addressBar?: AddressBar;
  readonly time?: PageTime;
  readonly random?: () => number;
}

/** Opens the door: takes the sign-in token out of the address bar at once, and signs in with it or with the session there is. */
export function createDoor(options: DoorOptions = {}): Door {
  const { addressBar = browserAddressBar, time = browserTime, random = Math.random } = options;
  const api = createSessionApi(options.fetch ?? ((path, init) => fetch(path, init)));
  const backoff = createBackoff({ random });
  const store = createSnapshotStore<DoorState>({ name: 'signing-in' });
  /** Of the task at hand; a newer one takes its place. */
  let turn = 0;

  /** Does `task` until the switch could be reached for it, or something newer is under way. */
  const untilReached = async <Result>(task: () => Promise<Result>): Promise<Result | undefined> => {
    turn += 1;
    const myTurn = turn;
    for (;;) {
      try {
        const result = await task();
        return turn === myTurn ? result : undefined;
      } catch {
        if (turn !== myTurn) return undefined;
        store.set({ name: 'unreachable' });
        await new Promise<void>((resolve) => void time.after(backoff.next(), resolve));
        if (turn !== myTurn) return undefined;
      }
    }
  };

  const settle = (session: Session): void => {
    backoff.reset();
    store.set({ name: 'signed-in', session });
  };

  const signIn = async (token: string | undefined): Promise<void> => {
    if (store.state.name !== 'signed-in') store.set({ name: 'signing-in' });
    const answer = await untilReached(async () => {
      const fresh = token === undefined ? undefined : await api.signIn(token);
      // The same link opened twice in one browser: the token is used up, the session is good.
      return fresh?.is === 'good' ? fresh : api.present();
    });
    if (answer === undefined) return;
    if (answer.is === 'good') settle(answer.body);
    else store.set({ name: 'signed-out', why: token === undefined ? 'no-link' : 'link-used' });
  };

  const sessionOver = (): void => {
    if (store.state.name !== 'signed-in') return;
    turn += 1;
    store.set({ name: 'signed-out', why: 'session-over' });
  };

  const ask = async (question: () => Promise<Answer<string>>): Promise<string> => {
    if (store.state.name === 'signed-out') throw new DoorError('SIGNED_OUT', 'this page is signed out');
    const answer = await question().catch((cause: unknown) => {
      throw new DoorError('UNREACHABLE', 'the switch cannot be reached', { cause });
    });
    if (answer.is === 'good') return answer.body;
    if (answer.is === 'refused') throw new DoorError('FORBIDDEN', 'the switch does not allow this');
    sessionOver();
    throw new DoorError('SIGNED_OUT', 'the session is over');
  };

  addressBar.onChange(() => {
    const token = addressBar.takeToken();
    if (token !== undefined) void signIn(token);
  });
  void signIn(addressBar.takeToken());

  return {
    get state() {
      return store.state;
    },
    subscribe: store.subscribe,
    ticket: () => ask(() => api.ticket()),
    sessionOver,
    invite: async (role) => addressBar.link(await ask(() => api.invitation(role))),
    signOut: async () => {
      const done = await untilReached(() => api.signOut().then(() => true));
      if (done !== undefined) store.set({ name: 'signed-out', why: 'signed-out' });
    },
  };
}
