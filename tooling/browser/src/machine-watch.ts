import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Page } from 'playwright-core';
import type { ConsoleLine } from './console-line.ts';

/** How long the machine stood still at most while it was watched. */
export interface MachineStalls {
  /** In words, for whoever reads the outcome. */
  readonly words: string;
}

interface WatchedWindow {
  stallWatch?: { longestMs: number; readonly timer: number };
}

const resolutionMs = 10;

/** Watches this process, in which the switch and the agent are, the switch's ticks and the pages, until the returned function is called. */
export async function watchMachine(line: ConsoleLine, pages: readonly Page[]): Promise<() => Promise<MachineStalls>> {
  const { pacing } = line.callSwitch;
  for (const page of pages) await startWatch(page);
  pacing.resetStats();
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  return async () => {
    histogram.disable();
    const processMs = Math.max(0, histogram.max / 1e6 - resolutionMs);
    const { maxLatenessMs } = pacing.stats();
    const pagesMs = await Promise.all(pages.map(stopWatch));
    const shown = (ms: number): string => `${ms.toFixed(0)} ms`;
    return {
      words: `stood still: switch and agent ${shown(processMs)}, a tick ${shown(maxLatenessMs)}, ${pagesMs.length > 1 ? 'pages' : 'page'} ${pagesMs.map(shown).join(' and ')}`,
    };
  };
}

function startWatch(page: Page): Promise<void> {
  return page.evaluate((everyMs) => {
    let lastMs = performance.now();
    const watch = {
      longestMs: 0,
      timer: window.setInterval(() => {
        const nowMs = performance.now();
        watch.longestMs = Math.max(watch.longestMs, nowMs - lastMs - everyMs);
        lastMs = nowMs;
      }, everyMs),
    };
    (window as WatchedWindow).stallWatch = watch;
  }, resolutionMs);
}

function stopWatch(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { stallWatch } = window as WatchedWindow;
    clearInterval(stallWatch?.timer);
    return stallWatch?.longestMs ?? 0;
  });
}
