import type { DoorState, Session } from '../session/session.ts';

/** The session to show: the one signed in, or the last one while the switch does not answer; none once it is over. */
export function shownSession(state: DoorState, last: Session | undefined): Session | undefined {
  switch (state.name) {
    case 'signed-in':
      return state.session;
    case 'signing-in':
    case 'unreachable':
      return last;
    case 'signed-out':
      return undefined;
  }
}
