import { useEffect, useRef } from 'react';
import { useNow } from '../use-now.ts';
import { CallRow } from './call-row.tsx';
import type { WatchedCall } from '../../monitor/monitor.ts';
import './call-table.css';

/** Live calls and those that ended of late; one can be chosen. */
export function CallTable({
  calls,
  selectedId,
  onChoose,
}: {
  readonly calls: readonly WatchedCall[];
  readonly selectedId: string | undefined;
  readonly onChoose: (call: WatchedCall) => void;
}): React.ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const nowMs = useNow(calls.some(({ ending }) => ending === undefined));
  useEffect(() => {
    if (scroller.current) revealSelected(scroller.current);
  }, [selectedId]);
  return (
    <div ref={scroller} className="call-table">
      <table aria-label="Calls">
        <thead>
          <tr>
            <th scope="col">Caller → callee</th>
            <th scope="col" className="state">
              State
            </th>
            <th scope="col" className="mode">
              Mode
            </th>
            <th scope="col" className="time since">
              Since
            </th>
            <th scope="col" className="time">
              Time
            </th>
          </tr>
        </thead>
        <tbody>
          {calls.map((call) => (
            <CallRow
              key={call.callId}
              call={call}
              selected={call.callId === selectedId}
              nowMs={nowMs}
              onChoose={onChoose}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Scrolls within the table alone; `scrollIntoView` would move the page, too. */
function revealSelected(scroller: HTMLElement): void {
  const row = scroller.querySelector('tr[data-selected]')?.getBoundingClientRect();
  if (row === undefined) return;
  const frame = scroller.getBoundingClientRect();
  const hiddenAbove = frame.top + (scroller.querySelector('thead')?.offsetHeight ?? 0) - row.top;
  const hiddenBelow = row.bottom - frame.bottom;
  if (hiddenAbove > 0) scroller.scrollTop -= hiddenAbove;
  else if (hiddenBelow > 0) scroller.scrollTop += hiddenBelow;
}
