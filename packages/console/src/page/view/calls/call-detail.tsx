import { PhoneNumber } from '../phone-number.tsx';
import { callStateWords } from './call-words.ts';
import { Hearing } from './hearing.tsx';
import { Timeline } from './timeline.tsx';
import { Transcript } from './transcript.tsx';
import type { Monitor, TimelineLine, WatchedCall } from '../../monitor/monitor.ts';
import './call-detail.css';

/** One call in full: who hears whom, what was said, and its timeline. */
export function CallDetail({
  call,
  timeline,
  monitor,
  connected,
}: {
  readonly call: WatchedCall;
  readonly timeline: readonly TimelineLine[];
  readonly monitor: Monitor;
  /** Whether what is shown is what is. */
  readonly connected: boolean;
}): React.ReactNode {
  return (
    <section className="call-detail" aria-label="Selected call">
      <header className="call-detail-head">
        <h3>
          <PhoneNumber number={call.callerNumber} />
          <span className="call-arrow">→</span>
          <PhoneNumber number={call.calleeNumber} />
        </h3>
        <span>{callStateWords(call)}</span>
        <code className="number quiet" title={call.callId}>
          {call.callId}
        </code>
      </header>
      <Hearing key={call.callId} call={call} monitor={monitor} connected={connected} />
      <div className="call-story">
        <Transcript key={`transcript ${call.callId}`} timeline={timeline} />
        <Timeline key={`timeline ${call.callId}`} timeline={timeline} />
      </div>
    </section>
  );
}
