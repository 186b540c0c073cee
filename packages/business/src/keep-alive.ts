/** The longest a timer of Node can be. */
const foreverMs = 2 ** 31 - 1;

/** Keeps the process alive until `waiting` is over: a timer of a clock alone does not. */
export function keepAlive<T>(waiting: Promise<T>): Promise<T> {
  const alive = setInterval(() => undefined, foreverMs);
  return waiting.finally(() => clearInterval(alive));
}
