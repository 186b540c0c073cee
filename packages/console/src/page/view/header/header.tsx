import { Logo } from '../logo.tsx';
import { useLiveState } from '../use-live-state.ts';
import { connectionWords } from './connection-words.ts';
import { Invite } from './invite.tsx';
import type { Monitor } from '../../monitor/monitor.ts';
import type { Door, Session } from '../../session/session.ts';
import './header.css';

/** The top of the page: which switch, how well connected, as whom; inviting others and leaving. */
export function Header({
  door,
  session,
  monitor,
  reachable,
}: {
  readonly door: Door;
  readonly session: Session;
  readonly monitor: Monitor;
  readonly reachable: boolean;
}): React.ReactNode {
  const { connection } = useLiveState(monitor);
  const { lamp, text } = connectionWords(connection, reachable);
  return (
    <header className="header">
      <Logo />
      <h1>AgenTao console</h1>
      <p className="header-host">
        <span className="number">{location.host}</span>
        <span className="header-connection" role="status" data-lamp={lamp}>
          <span className="lamp" data-lit={lamp} />
          {text}
        </span>
      </p>
      <span className="header-role">{session.role === 'operator' ? 'Operator' : 'Viewer'}</span>
      {session.role === 'operator' && <Invite door={door} />}
      <button type="button" onClick={() => void door.signOut()}>
        Sign out
      </button>
    </header>
  );
}
