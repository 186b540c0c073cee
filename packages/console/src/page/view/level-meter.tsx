import { useEffect, useRef } from 'react';
import { floorDb, litFraction, nextShownDb, showLevel } from './meter-scale.ts';
import { useFrames } from './use-frames.ts';
import './level-meter.css';

const silenceDb = -120;
const valueEveryMs = 200;
const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** A bar of lamps for a level in dBFS. Read and drawn with each frame, past React; dark while not `running`. */
export function LevelMeter({
  label,
  running,
  readDb,
}: {
  readonly label: string;
  readonly running: boolean;
  readonly readDb: () => number;
}): React.ReactNode {
  const meter = useRef<HTMLDivElement>(null);
  const lit = useRef<HTMLDivElement>(null);
  const value = useRef<HTMLSpanElement>(null);
  const shown = useRef({ db: silenceDb, atMs: 0, valueAtMs: 0 });

  const light = (db: number): void => {
    if (lit.current) lit.current.style.clipPath = `inset(0 ${(100 * (1 - litFraction(db))).toFixed(1)}% 0 0)`;
  };
  const tell = (db: number): void => {
    meter.current?.setAttribute('aria-valuenow', String(Math.round(db)));
    meter.current?.setAttribute('aria-valuetext', showLevel(db));
    if (value.current) value.current.textContent = db <= floorDb ? '–' : String(Math.round(db)).replace('-', '−');
  };

  useEffect(() => {
    if (running) return;
    shown.current.db = silenceDb;
    light(silenceDb);
    tell(silenceDb);
  }, [running]);

  useFrames(running, (timeMs) => {
    const { current } = shown;
    const db = readDb();
    const valueIsDue = timeMs - current.valueAtMs >= valueEveryMs;
    current.db = calm.matches ? db : nextShownDb(current.db, db, timeMs - current.atMs);
    current.atMs = timeMs;
    if (valueIsDue || !calm.matches) light(current.db);
    if (!valueIsDue) return;
    current.valueAtMs = timeMs;
    tell(db);
  });

  return (
    <div
      className="meter"
      ref={meter}
      role="meter"
      aria-label={label}
      aria-valuemin={silenceDb}
      aria-valuemax={0}
      aria-valuenow={silenceDb}
      aria-valuetext="silence"
    >
      <div className="meter-lamps">
        <div className="meter-lit" ref={lit} />
      </div>
      <span className="meter-value" ref={value} aria-hidden="true" />
    </div>
  );
}
