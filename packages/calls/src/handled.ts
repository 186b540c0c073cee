/** The same promise, its rejection observed: who awaits it is told, who does not is not ended by it. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
