import { memo } from 'react';
import { showSeconds } from '../show-time.ts';
import type { ShownLine } from './timeline-words.ts';

/** One line of a timeline: time, what, details. Drawn again only when it is another one. */
export const TimelineRow: React.FC<ShownLine> = memo(function TimelineRow({
  atMs,
  what,
  details,
  kind,
}: ShownLine): React.ReactNode {
  return (
    <tr data-kind={kind}>
      <td className="time">{showSeconds(atMs)}</td>
      <td className="timeline-what">{what}</td>
      <td className="timeline-details">{details}</td>
    </tr>
  );
});
