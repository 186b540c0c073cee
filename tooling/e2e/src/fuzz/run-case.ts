import { type FuzzOutcome, type FuzzStep, type FuzzTarget, textOf } from './fuzz-target.ts';

/** Faults that nobody catches, gathered while it is open. */
export interface FaultCatcher extends Disposable {
  /** Those since the last call. */
  take(): string[];
}

/** Catches what would end the process. One at a time. */
export function catchFaults(): FaultCatcher {
  const faults: string[] = [];
  const onException = (error: unknown): void => void faults.push(`nobody catches ${textOf(error)}`);
  const onRejection = (error: unknown): void => void faults.push(`nobody handles the rejection ${textOf(error)}`);
  process.on('uncaughtException', onException);
  process.on('unhandledRejection', onRejection);
  return {
    take: () => faults.splice(0),
    [Symbol.dispose]: () => {
      process.off('uncaughtException', onException);
      process.off('unhandledRejection', onRejection);
    },
  };
}

/** Runs a case, and adds to its findings what it threw, what nobody caught and what took too long. */
export async function runCase(
  target: FuzzTarget,
  steps: readonly FuzzStep[],
  faults: FaultCatcher,
): Promise<FuzzOutcome> {
  const before = process.cpuUsage();
  let outcome: FuzzOutcome;
  const thrown: string[] = [];
  try {
    const running = target.run(steps);
    // Most cases need no turn of the event loop, and there are many of them.
    outcome = running instanceof Promise ? await running : running;
    if (running instanceof Promise) await new Promise((resolve) => setImmediate(resolve));
  } catch (error) {
    outcome = { accepted: 0, rejected: 0, findings: [] };
    thrown.push(`threw ${textOf(error)}`);
  }
  const { user, system } = process.cpuUsage(before);
  const cpuMs = (user + system) / 1_000;
  if (cpuMs > target.cpuMs) thrown.push(`took more than ${target.cpuMs} ms of computing`);
  return { ...outcome, findings: [...outcome.findings, ...thrown, ...faults.take()] };
}
