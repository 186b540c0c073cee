import { PhoneNumber } from '../phone-number.tsx';
import type { Softphone, SoftphoneState } from '../../softphone/softphone.ts';

const numberLength = 128;

/** The name plate of a phone: whose it is, its number, and the way off the switch. */
export function PhoneHead({
  phone,
  state: { number, line },
  name,
  headingId,
  mayChooseNumber,
}: {
  readonly phone: Softphone;
  readonly state: SoftphoneState;
  readonly name: string;
  readonly headingId: string;
  readonly mayChooseNumber: boolean;
}): React.ReactNode {
  const unplugged = line.name === 'unplugged';
  return (
    <header className="phone-head">
      <svg className="jack" data-plugged={!unplugged || undefined} viewBox="0 0 24 24" aria-hidden="true">
        <rect className="jack-plate" x="1" y="1" width="22" height="22" rx="6" />
        <circle className="jack-hole" cx="12" cy="12" r="5.5" />
        {!unplugged && <circle className="jack-plug" cx="12" cy="12" r="3" />}
      </svg>
      <h2 id={headingId}>{name}</h2>
      {unplugged && mayChooseNumber ? (
        <input
          aria-label={`Number of the ${name.toLowerCase()}`}
          type="tel"
          autoComplete="off"
          maxLength={numberLength}
          value={number}
          onChange={(event) => phone.setNumber(event.target.value)}
        />
      ) : (
        <PhoneNumber number={number} />
      )}
      {!unplugged && (
        <button type="button" className="plain" onClick={() => phone.unplug()}>
          Unplug
        </button>
      )}
    </header>
  );
}
