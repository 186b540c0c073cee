import { HearingPicture } from './hearing-picture.tsx';
import { absenceWords, callParties, hearsWords, partyNames, situationWords } from './hearing-words.ts';
import type { CallLevels, Monitor, WatchedCall } from '../../monitor/monitor.ts';
import './hearing.css';

const levelNames = { caller: 'callerDb', callee: 'calleeDb', agent: 'agentDb' } as const satisfies Record<
  string,
  keyof CallLevels
>;

/** Who hears whom in a call, as a picture and in words. */
export function Hearing({
  call,
  monitor,
  connected,
}: {
  readonly call: WatchedCall;
  readonly monitor: Monitor;
  readonly connected: boolean;
}): React.ReactNode {
  const live = call.ending === undefined;
  return (
    <section className="hearing glass" aria-label="Who hears whom">
      <HearingPicture
        hearing={call.hearing}
        live={live}
        metered={live && connected}
        absence={(party) => absenceWords(call, party)}
        readDb={(party) => monitor.levels[levelNames[party]]}
      />
      <div className="hearing-words">
        <p role="status">{situationWords(call)}</p>
        {live && (
          <dl>
            {callParties.map((party) => (
              <div key={party}>
                <dt>{partyNames[party]} hears</dt>
                <dd>{hearsWords(call.hearing, party)}</dd>
              </div>
            ))}
          </dl>
        )}
      </div>
    </section>
  );
}
