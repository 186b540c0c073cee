/** Where the page's own code gets its time from. */
export interface PageTime {
  /** Milliseconds that never jump. */
  now(): number;
  /** Unix milliseconds. */
  wallMs(): number;
  /** Calls `callback` once, after `ms` at the earliest: much later in a hidden tab. Returns what cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** The time of the browser. */
export const browserTime: PageTime = {
  now: () => performance.now(),
  wallMs: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
