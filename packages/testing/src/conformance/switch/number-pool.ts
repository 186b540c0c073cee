/** Numbers of which each is lent to one check at a time: its calls ring nobody else's phone. */
export interface NumberPool {
  readonly size: number;
  /** Waits until one is free. */
  take(): Promise<string>;
  giveBack(number: string): void;
}

/** Makes a pool of these numbers. */
export function createNumberPool(numbers: readonly string[]): NumberPool {
  const free = [...numbers];
  const waiting: ((number: string) => void)[] = [];
  return {
    size: numbers.length,
    take: () => {
      const number = free.shift();
      if (number !== undefined) return Promise.resolve(number);
      return new Promise((resolve) => waiting.push(resolve));
    },
    giveBack: (number) => {
      const next = waiting.shift();
      if (next === undefined) free.push(number);
      else next(number);
    },
  };
}
