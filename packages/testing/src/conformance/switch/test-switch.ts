import { createSystemClock } from '@agentao/clock';
import type { SocketFactory } from '@agentao/transport';
import { createWsConnector } from '@agentao/transport/ws';
import type { CheckResult, ConformanceReport } from '../report.ts';
import { passes, runChecks } from '../run-checks.ts';
import { SwitchBench } from './bench.ts';
import { closingChecks, exclusiveChecks, patientChecks, sharedChecks } from './all-checks.ts';
import type { SwitchCheck } from './make-check.ts';
import { openSite } from './open-site.ts';

/** The switch to try, and how. */
export interface TestSwitchOptions {
  /** Base URL, `ws://127.0.0.1:7350`. */
  readonly url: string;
  /** `ak_...` of a connector that no other agent serves meanwhile. */
  readonly apiKey: string;
  /** Lets the kit place calls by phones of its own, watch, and sign in; without one those checks are `untried`. */
  readonly operatorToken?: string;
  /** Where the key serves several. */
  readonly connectorUuid?: string;
  /** Which numbers the kit uses. */
  readonly numbers?: {
    /** Beginning of the numbers from which it calls; default `+1555`. */
    readonly caller?: string;
    /** Numbers of the connector; each serves one call at a time. Default: those that the switch names to operators. */
    readonly callee?: string | readonly string[];
  };
  /** Only checks that try one of these rules, or whose name contains one of these texts. Default all. */
  readonly only?: readonly string[];
  /** How many checks run side by side; default 8. Those that place calls are bounded by the numbers, too. */
  readonly concurrency?: number;
  /** How long the switch may take for what it owes at once, the network included; default 4,000. */
  readonly patienceMs?: number;
  /** Told of each result as it comes. */
  readonly onResult?: (result: CheckResult) => void;
  /** Begins no further check. */
  readonly signal?: AbortSignal;
}

/** Of the checks that mostly wait. */
const patientAtOnce = 12;

/**
 * Plays a client of every kind against a running switch, rule by rule of PROTOCOL.md. Rejects with {@link SwitchTestError}
 * where nothing can be tried at all: the switch is not reached, or refuses the credentials.
 */
export async function testSwitch(options: TestSwitchOptions): Promise<ConformanceReport> {
  const { url, only, concurrency = 8, onResult, signal } = options;
  const clock = createSystemClock(globalThis);
  const connect: SocketFactory = createWsConnector({ clock, closeTimeoutMs: 1_000 });
  const site = await openSite(options, { clock, connect });
  const wanted = ({ clauses, name }: SwitchCheck): boolean =>
    only === undefined || only.some((word) => clauses.includes(word) || name.includes(word));
  const run = {
    side: 'switch' as const,
    target: url,
    openBench: () => Promise.resolve(new SwitchBench(site)),
    clock,
    // Every wait has a deadline of its own; a check may wait long for a number of which all are in use.
    checkTimeoutMs: 300_000,
    ...(onResult === undefined ? {} : { onResult }),
    ...(signal === undefined ? {} : { signal }),
  };
  try {
    const [patient, shared] = await Promise.all([
      runChecks(patientChecks.filter(wanted), { ...run, concurrency: patientAtOnce }),
      runChecks(sharedChecks.filter(wanted), { ...run, concurrency }),
    ]);
    await site.desk.close();
    const exclusive = await runChecks(exclusiveChecks.filter(wanted), run);
    const closing = await runChecks(closingChecks.filter(wanted), run);
    const results = [patient, shared, exclusive, closing].flatMap((part) => part.results);
    return { ...shared, results, ...(only === undefined ? {} : { only }), pass: passes(results) };
  } finally {
    await site.close();
  }
}
