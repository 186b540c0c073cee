import { useLiveState } from '../use-live-state.ts';
import { CallDetail } from './call-detail.tsx';
import { CallTable } from './call-table.tsx';
import { NoCalls } from './no-calls.tsx';
import { useSelection } from './use-selection.ts';
import type { Monitor } from '../../monitor/monitor.ts';
import type { Session } from '../../session/session.ts';
import './calls.css';

/** The switch's calls, and the selected one in full. */
export function Calls({ monitor, session }: { readonly monitor: Monitor; readonly session: Session }): React.ReactNode {
  const state = useLiveState(monitor);
  const choose = useSelection(monitor, state);
  const { calls, selectedId, timeline, connection } = state;
  const selected = calls.find(({ callId }) => callId === selectedId);
  const liveCount = calls.filter(({ ending }) => ending === undefined).length;
  return (
    <section className="calls panel" aria-labelledby="calls-heading">
      <header className="calls-head">
        <h2 id="calls-heading">Calls</h2>
        {connection === 'live' || calls.length === 0 ? (
          <span className="quiet">{liveCount} live</span>
        ) : (
          <span className="calls-stale">As last seen: not connected.</span>
        )}
      </header>
      {calls.length > 0 && <CallTable calls={calls} selectedId={selectedId} onChoose={choose} />}
      {calls.length === 0 && connection === 'live' && <NoCalls session={session} />}
      {calls.length === 0 && connection !== 'live' && <p className="no-calls quiet">Waiting for the switch.</p>}
      {selected && (
        <CallDetail call={selected} timeline={timeline} monitor={monitor} connected={connection === 'live'} />
      )}
    </section>
  );
}
