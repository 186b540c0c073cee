import { useEffect, useState } from 'react';
import { Calls } from './calls/calls.tsx';
import { Header } from './header/header.tsx';
import { Phones } from './phone/phones.tsx';
import { closeWorkplace, type OpenWorkplace } from './workplace.ts';
import type { Door, Session } from '../session/session.ts';
import './switchboard.css';

/** The page of somebody who is signed in: header, phones, calls. Holds its workplace for as long as it is mounted. */
export function Switchboard({
  door,
  session,
  reachable,
  open,
}: {
  readonly door: Door;
  readonly session: Session;
  /** Whether the switch answers; while it does not, everything stays in place. */
  readonly reachable: boolean;
  readonly open: OpenWorkplace;
}): React.ReactNode {
  const [workplace] = useState(() => open(session));
  useEffect(() => () => closeWorkplace(workplace), [workplace]);
  const { monitor, phones } = workplace;
  return (
    <div className="switchboard">
      <Header door={door} session={session} monitor={monitor} reachable={reachable} />
      <main data-phones={phones !== undefined || undefined}>
        {phones ? (
          <Phones {...phones} session={session} />
        ) : (
          <p className="switchboard-viewer quiet">
            You are signed in as a viewer: you see the calls. Softphones are for operators; one of them can invite you.
          </p>
        )}
        <Calls monitor={monitor} session={session} />
      </main>
    </div>
  );
}
