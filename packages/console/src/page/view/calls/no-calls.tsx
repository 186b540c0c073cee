import { agentaoCommand } from '../agentao-command.ts';
import { wholeNumbers } from '../called-numbers.ts';
import { HearingPicture } from './hearing-picture.tsx';
import type { Session } from '../../session/session.ts';

const nobody = { caller: [], callee: [], agent: [] } as const;

/** What stands in place of the calls while there is none: the board without cords, and how to make a call. */
export function NoCalls({ session }: { readonly session: Session }): React.ReactNode {
  const number = session.role === 'operator' && session.mayDial ? wholeNumbers(session.numbers)[0] : undefined;
  return (
    <div className="no-calls">
      <div className="hearing glass">
        <HearingPicture hearing={nobody} live={false} metered={false} absence={() => ''} readDb={() => -120} />
        <div className="hearing-words">
          <p>No calls.</p>
          {number === undefined ? (
            <p>They appear here as they come in. To make one, from a terminal:</p>
          ) : (
            <p>
              Plug in the caller and dial <bdi>{number}</bdi>, or let one ring from a terminal:
            </p>
          )}
          <code>{agentaoCommand} call</code>
        </div>
      </div>
    </div>
  );
}
