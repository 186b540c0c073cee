import { useId, useLayoutEffect, useMemo, useRef } from 'react';
import { showSeconds } from '../show-time.ts';
import { partyNames } from './hearing-words.ts';
import { shownTranscript, type TranscriptLine } from './transcript-words.ts';
import type { TimelineLine } from '../../monitor/monitor.ts';
import './transcript.css';

/** What was said in a call and which tools were used, newest at the bottom; nothing where no agent tells. */
export function Transcript({ timeline }: { readonly timeline: readonly TimelineLine[] }): React.ReactNode {
  const lines = useMemo(() => shownTranscript(timeline), [timeline]);
  const list = useRef<HTMLOListElement>(null);
  const headingId = useId();
  useLayoutEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [lines]);
  if (lines.length === 0) return undefined;
  return (
    <section className="transcript" aria-labelledby={headingId}>
      <h3 id={headingId}>Transcript</h3>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolled by the keyboard */}
      <ol ref={list} aria-live="polite" tabIndex={0}>
        {lines.map((line, index) => (
          <li key={index} data-kind={line.kind} data-speaker={line.kind === 'speech' ? line.speaker : undefined}>
            <span className="time">{showSeconds(line.atMs)}</span>
            <Line line={line} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Line({ line }: { readonly line: TranscriptLine }): React.ReactNode {
  if (line.kind === 'tool') {
    return (
      <>
        <span className="transcript-who">Tool</span>
        <span>
          <code>{line.name}</code> {line.outcome}
        </span>
      </>
    );
  }
  return (
    <>
      <span className="transcript-who">{partyNames[line.speaker]}</span>
      <span>
        {line.heard}
        {line.unheard !== '' && <del title="Cut off: not heard">{line.unheard}</del>}
      </span>
    </>
  );
}
