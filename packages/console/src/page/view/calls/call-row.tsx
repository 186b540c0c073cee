import { PhoneNumber } from '../phone-number.tsx';
import { showTimeOfDay } from '../show-time.ts';
import { callDuration, callLamp, callStateWords } from './call-words.ts';
import type { WatchedCall } from '../../monitor/monitor.ts';

/** One call of the table; a click anywhere on the row chooses it. */
export function CallRow({
  call,
  selected,
  nowMs,
  onChoose,
}: {
  readonly call: WatchedCall;
  readonly selected: boolean;
  readonly nowMs: number;
  readonly onChoose: (call: WatchedCall) => void;
}): React.ReactNode {
  const { callerNumber, calleeNumber, ending, mode, ringing, startedAtMs } = call;
  return (
    <tr className="call-row" data-selected={selected || undefined} data-ended={ending !== undefined || undefined}>
      <td>
        <button
          type="button"
          className="call-choose"
          aria-pressed={selected}
          aria-label={`${callerNumber || 'withheld'} to ${calleeNumber}`}
          onClick={() => onChoose(call)}
        >
          <span className="lamp" data-lit={callLamp(call)} />
          <PhoneNumber number={callerNumber} />
          <span className="call-arrow">→</span>
          <PhoneNumber number={calleeNumber} />
        </button>
      </td>
      <td>
        {ending !== undefined && <span className="unseen">Ended: </span>}
        {callStateWords(call)}
        {ringing && ending === undefined && <span className="tag">ringing</span>}
        {mode !== null && ending === undefined && <span className="tag tag-mode">{mode}</span>}
      </td>
      <td className="mode">{mode ?? '–'}</td>
      <td className="time since">{showTimeOfDay(startedAtMs)}</td>
      <td className="time">{callDuration(call, nowMs)}</td>
    </tr>
  );
}
