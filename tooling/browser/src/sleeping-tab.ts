import type { Page } from 'playwright-core';

/** How often a page got to run of its own accord while it was watched. */
export interface PageRuns {
  readonly isHidden: boolean;
  readonly timeouts: number;
  readonly intervals: number;
  readonly frames: number;
}

/**
 * Treats the page as a browser treats a tab in the background: it is hidden, gets no animation frames, and its timers come with whole
 * seconds only. A browser without a screen hides no page by itself. Before the page is opened.
 */
export async function throttleTimers(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const stepMs = 1_000;
    const after = window.setTimeout.bind(window) as (...args: unknown[]) => number;
    const every = window.setInterval.bind(window) as (...args: unknown[]) => number;
    const late = (handler: unknown, ms = 0, ...args: unknown[]): number => {
      const nowMs = performance.now();
      return after(handler, Math.ceil((nowMs + Math.max(1, ms)) / stepMs) * stepMs - nowMs, ...args);
    };
    const rarely = (handler: unknown, ms = 0, ...args: unknown[]): number =>
      every(handler, Math.ceil(Math.max(1, ms) / stepMs) * stepMs, ...args);
    Object.assign(window, { setTimeout: late, setInterval: rarely, requestAnimationFrame: () => 0 });
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
    Object.defineProperty(document, 'hidden', { get: () => true });
  });
}

/** Asks the page for some hundred of each in `seconds` seconds, and counts what it gets. */
export function runsOf(page: Page, seconds: number): Promise<PageRuns> {
  return page.evaluate(
    (ms) =>
      new Promise<PageRuns>((resolve) => {
        const runs = { timeouts: 0, intervals: 0, frames: 0 };
        const untilMs = performance.now() + ms;
        const interval = setInterval(() => (runs.intervals += 1), 20);
        const frame = (): void => {
          runs.frames += 1;
          requestAnimationFrame(frame);
        };
        const timeout = (): void => {
          if (performance.now() < untilMs) {
            runs.timeouts += 1;
            setTimeout(timeout, 20);
            return;
          }
          clearInterval(interval);
          resolve({ isHidden: document.visibilityState === 'hidden', ...runs });
        };
        requestAnimationFrame(frame);
        setTimeout(timeout, 20);
      }),
    seconds * 1_000,
  );
}
