import { useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { TimelineRow } from './timeline-row.tsx';
import { shownTimeline } from './timeline-words.ts';
import type { TimelineLine } from '../../monitor/monitor.ts';
import './timeline.css';

/** So close to the bottom counts as being there, in pixels. */
const nearPx = 24;

/** What has happened in a call, newest at the bottom, which is followed until somebody scrolls up. */
export function Timeline({ timeline }: { readonly timeline: readonly TimelineLine[] }): React.ReactNode {
  const lines = useMemo(() => shownTimeline(timeline), [timeline]);
  const scroller = useRef<HTMLElement>(null);
  const [following, setFollowing] = useState(true);
  const headingId = useId();

  useLayoutEffect(() => {
    const { current } = scroller;
    if (following && current) current.scrollTop = current.scrollHeight;
  }, [following, lines]);

  const onScroll = (event: React.UIEvent): void => {
    const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
    setFollowing(scrollHeight - scrollTop - clientHeight < nearPx);
  };

  return (
    <div className="timeline">
      <h3 id={headingId}>Timeline</h3>
      {lines.length === 0 ? (
        <p className="quiet">Nothing was seen of this call: its timeline is told while it is live and selected.</p>
      ) : (
        <section
          ref={scroller}
          className="timeline-scroll"
          aria-labelledby={headingId}
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by the keyboard
          tabIndex={0}
          onScroll={onScroll}
        >
          <table>
            <thead>
              <tr>
                <th scope="col" className="time">
                  s
                </th>
                <th scope="col">What</th>
                <th scope="col">Details</th>
              </tr>
            </thead>
            <tbody>
              {lines.map((line, index) => (
                // oxlint-disable-next-line react/no-array-index-key -- lines have no identity and keep their order
                <TimelineRow key={index} {...line} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {!following && (
        <button type="button" className="timeline-newest" onClick={() => setFollowing(true)}>
          Newest ↓
        </button>
      )}
    </div>
  );
}
