import { useState } from 'react';
import { ClosedDoor } from './door/closed-door.tsx';
import { shownSession } from './shown-session.ts';
import { Switchboard } from './switchboard.tsx';
import { useLiveState } from './use-live-state.ts';
import type { OpenWorkplace } from './workplace.ts';
import type { Door, Session } from '../session/session.ts';
import './theme.css';
import './controls.css';

/** The whole page. `open` sets up what a session works with. */
export function App({ door, open }: { readonly door: Door; readonly open: OpenWorkplace }): React.ReactNode {
  const state = useLiveState(door);
  const [last, setLast] = useState<Session>();
  const session = shownSession(state, last);
  if (session !== last) setLast(session);
  if (session === undefined) return state.name === 'signed-in' ? null : <ClosedDoor state={state} />;
  return (
    <Switchboard
      key={`${session.role} ${session.mayDial}`}
      door={door}
      session={session}
      reachable={state.name !== 'unreachable'}
      open={open}
    />
  );
}
