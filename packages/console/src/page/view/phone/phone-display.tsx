import { PhoneNumber } from '../phone-number.tsx';
import { type PhoneUse, lineHint, lineLamp, lineTitle } from './line-words.ts';
import { TalkTime } from './talk-time.tsx';
import type { SoftphoneState } from '../../softphone/softphone.ts';
import './phone-display.css';

/** The display of a phone: state of the line, peer, talk time, digits heard. Its height never changes. */
export function PhoneDisplay({
  state,
  use,
}: {
  readonly state: SoftphoneState;
  readonly use: PhoneUse;
}): React.ReactNode {
  const { line, heardDigits } = state;
  const peer = 'peer' in line ? line.peer : undefined;
  return (
    <div className="phone-display glass" data-line={line.name}>
      <div className="phone-display-top">
        <span className="lamp" data-lit={lineLamp(line)} />
        <div role="status" className="phone-display-state">
          <strong>{lineTitle(line)}</strong>
          {peer !== undefined && <span className="unseen"> {peer || 'number withheld'}</span>}
        </div>
        {line.name === 'talking' && <TalkTime sinceMs={line.sinceMs} />}
      </div>
      {peer === undefined ? (
        <p
          className="phone-display-hint"
          role="status"
          data-problem={('problem' in line && line.problem !== undefined) || undefined}
        >
          {lineHint(line, use)}
        </p>
      ) : (
        <p className="phone-display-peer" aria-hidden="true">
          <PhoneNumber number={peer} />
        </p>
      )}
      {peer !== undefined && heardDigits !== '' && (
        <p className="phone-display-digits">
          Heard <bdi className="mono">{heardDigits.slice(-24)}</bdi>
        </p>
      )}
    </div>
  );
}
