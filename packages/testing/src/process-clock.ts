import { type Clock, createSystemClock, type Timer } from '@agentao/clock';

const beatMs = 5;
/** Time goes on by no more than this from beat to beat. */
const longestStepMs = 20;

/**
 * Real time as far as this process keeps up with it: while timers are pending, time in which the process stood still does not count, but for a step. A
 * machine that is busy makes everything on such clocks slower, and loses none of it.
 */
export function createProcessClock(): Clock {
  const system = createSystemClock(globalThis);
  let lostMs = 0;
  let beatAtMs = 0;
  let pending = 0;
  let isBeating = false;

  const now = (): number => {
    const nowMs = system.now() - lostMs;
    const mostMs = beatAtMs + longestStepMs;
    if (!isBeating || nowMs <= mostMs) return nowMs;
    lostMs += nowMs - mostMs;
    return mostMs;
  };
  const beat = (): void => {
    beatAtMs = now();
    isBeating = pending > 0;
    if (isBeating) system.setTimer(system.now() + beatMs, beat);
  };
  const setTimer = (atMs: number, callback: () => void): Timer => {
    let timer: Timer;
    let isPending = true;
    const done = (): void => {
      if (isPending) pending--;
      isPending = false;
    };
    const arm = (): void => {
      timer = system.setTimer(atMs + lostMs, () => {
        if (now() < atMs) {
          arm();
          return;
        }
        done();
        callback();
      });
    };
    arm();
    pending++;
    if (!isBeating) beat();
    return {
      cancel: () => {
        timer.cancel();
        done();
      },
    };
  };

  return { now, wallTime: () => system.wallTime(), setTimer };
}
