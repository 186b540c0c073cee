import type { Clock, Timer } from '@agentao/clock';

const lookAgainMs = 60_000;

/** Runs `callback` once wall time has come to `wallMs`, within a minute of it where the wall clock is set in between. */
export function setWallTimer(clock: Clock, wallMs: number, callback: () => void): Timer {
  let timer: Timer;
  const arm = (): void => {
    const leftMs = Math.min(Math.max(wallMs - clock.wallTime(), 0), lookAgainMs);
    timer = clock.setTimer(clock.now() + leftMs, () => {
      if (clock.wallTime() >= wallMs) callback();
      else arm();
    });
  };
  arm();
  return { cancel: () => timer.cancel() };
}
