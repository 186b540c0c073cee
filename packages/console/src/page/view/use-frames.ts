import { useEffect, useRef } from 'react';

/** Calls `draw` before each painted frame while `running`, with the frame's time in milliseconds. */
export function useFrames(running: boolean, draw: (timeMs: number) => void): void {
  const latest = useRef(draw);
  useEffect(() => {
    latest.current = draw;
  });
  useEffect(() => {
    if (!running) return;
    let frame = 0;
    const next = (timeMs: number): void => {
      latest.current(timeMs);
      frame = requestAnimationFrame(next);
    };
    frame = requestAnimationFrame(next);
    return () => cancelAnimationFrame(frame);
  }, [running]);
}
