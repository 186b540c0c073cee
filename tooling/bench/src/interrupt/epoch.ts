/** Milliseconds that processes of one machine agree on, finer than `Date.now()`. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}
