import { Logo } from '../logo.tsx';
import { doorWords } from './door-words.ts';
import type { DoorState } from '../../session/session.ts';
import './closed-door.css';

/** The whole page while nobody is signed in: why, and the way in. */
export function ClosedDoor({
  state,
}: {
  readonly state: Exclude<DoorState, { readonly name: 'signed-in' }>;
}): React.ReactNode {
  const { title, text, command } = doorWords(state);
  const waits = state.name !== 'signed-out';
  return (
    <main className="closed-door" data-state={state.name}>
      <div className="closed-door-name">
        <Logo />
        <span>AgenTao console</span>
        <span className="quiet number">{location.host}</span>
      </div>
      <div className="closed-door-glass glass" role="status">
        <h1>
          <span className="lamp" data-lit={waits ? 'wait' : 'off'} />
          {title}
        </h1>
        <p>{text}</p>
        {command !== undefined && <code>{command}</code>}
      </div>
    </main>
  );
}
