import { useLiveState } from '../use-live-state.ts';
import { Phone } from './phone.tsx';
import type { Session } from '../../session/session.ts';
import type { Softphone } from '../../softphone/softphone.ts';
import './phones.css';

/** The two softphones, and a word about echo once both are on the switch from one page. */
export function Phones({
  caller,
  callee,
  session,
}: {
  readonly caller: Softphone;
  readonly callee: Softphone;
  readonly session: Session;
}): React.ReactNode {
  const lines = [useLiveState(caller).line, useLiveState(callee).line];
  const bothPlugged = lines.every(({ name }) => name !== 'unplugged' && name !== 'connecting');
  return (
    <div className="phones">
      <Phone phone={caller} session={session} party="caller" />
      <Phone phone={callee} session={session} party="callee" />
      {bothPlugged && (
        <p className="phones-echo quiet">
          Both phones share the sound of this device: use headphones, or open the second phone in another browser.
        </p>
      )}
    </div>
  );
}
