import type { MonitorHearing } from '@agentao/protocol';
import { useId, useRef } from 'react';
import { LevelMeter } from '../level-meter.tsx';
import { useFrames } from '../use-frames.ts';
import { cords, picture } from './cords.ts';
import { type CallParty, callParties, hears, partyNames } from './hearing-words.ts';
import './hearing-picture.css';

/** Above this a party counts as speaking. */
const speakingDb = -45;

/** Three parties with their levels, and a cord for each way that speech takes. The words beside it say the same. */
export function HearingPicture({
  hearing,
  live,
  metered,
  absence,
  readDb,
}: {
  readonly hearing: MonitorHearing;
  readonly live: boolean;
  /** Whether levels are told. */
  readonly metered: boolean;
  /** What stands beside the name of a party that is not on the line. */
  readonly absence: (party: CallParty) => string;
  readonly readDb: (party: CallParty) => number;
}): React.ReactNode {
  const drawing = useRef<SVGSVGElement>(null);
  const tipId = useId();

  useFrames(metered, () => {
    for (const cord of drawing.current?.querySelectorAll<SVGPathElement>('.cord') ?? []) {
      const speaker = callParties.find((party) => party === cord.dataset['speaker']);
      cord.toggleAttribute('data-speaking', speaker !== undefined && readDb(speaker) > speakingDb);
    }
  });

  return (
    <div className="hearing-picture" data-metered={metered || undefined}>
      <svg ref={drawing} viewBox={`0 0 ${picture.width} ${picture.height}`} aria-hidden="true">
        <marker
          id={tipId}
          viewBox="0 0 10 10"
          refX="2"
          refY="5"
          markerWidth="9"
          markerHeight="9"
          orient="auto"
          markerUnits="userSpaceOnUse"
        >
          <path className="cord-tip" d="M 0 0 L 10 5 L 0 10 z" />
        </marker>
        {cords.map(({ speaker, hearer, path }) => {
          const on = live && hears(hearing, speaker, hearer);
          return (
            <path
              key={path}
              className="cord"
              data-speaker={speaker}
              data-hearer={hearer}
              data-on={on || undefined}
              d={path}
              markerEnd={on ? `url(#${tipId})` : undefined}
            />
          );
        })}
      </svg>
      {callParties.map((party) => (
        <div
          key={party}
          className="hearing-party"
          data-party={party}
          data-absent={!live || absence(party) || undefined}
        >
          <div className="hearing-name">
            <span>{partyNames[party]}</span>
            <span className="hearing-absence" data-absence={absence(party)}>
              {absence(party)}
            </span>
          </div>
          <LevelMeter label={`${partyNames[party]} says`} running={metered} readDb={() => readDb(party)} />
        </div>
      ))}
    </div>
  );
}
