import { DialForm } from './dial-form.tsx';
import type { PhoneUse } from './line-words.ts';
import type { Session } from '../../session/session.ts';
import type { Softphone, SoftphoneState } from '../../softphone/softphone.ts';

/** What can be done with the line as it stands: plug in, call, answer or reject, hang up. */
export function PhoneActions({
  phone,
  state,
  session,
  use,
}: {
  readonly phone: Softphone;
  readonly state: SoftphoneState;
  readonly session: Session;
  readonly use: PhoneUse;
}): React.ReactNode {
  switch (state.line.name) {
    case 'unplugged':
      return (
        <button
          type="button"
          className="main phone-wide"
          disabled={state.number.trim() === ''}
          onClick={() => void phone.plugIn()}
        >
          Plug in
        </button>
      );
    case 'connecting':
      return (
        <button type="button" className="phone-wide" onClick={() => phone.unplug()}>
          Cancel
        </button>
      );
    case 'idle':
      if (use.dials) {
        return <DialForm phone={phone} lastDialled={state.line.lastCall?.peer} numbers={session.numbers} />;
      }
      return (
        <p className="phone-slot">
          {use.party === 'caller' ? 'Phones may not dial on this switch.' : 'Rings when the agent connects it.'}
        </p>
      );
    case 'ringing':
      return (
        <div className="phone-pair">
          <button type="button" className="main" onClick={() => phone.answer()}>
            Answer
          </button>
          <button type="button" className="danger" onClick={() => phone.reject()}>
            Reject
          </button>
        </div>
      );
    case 'dialing':
    case 'talking':
      return (
        <button type="button" className="danger phone-wide" onClick={() => phone.hangUp()}>
          Hang up
        </button>
      );
  }
}
