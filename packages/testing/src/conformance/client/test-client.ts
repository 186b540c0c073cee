import { Untried } from '../check.ts';
import type { CheckResult, ConformanceReport } from '../report.ts';
import { runChecks } from '../run-checks.ts';
import { audioChecks } from './checks/audio.ts';
import { commandChecks } from './checks/commands.ts';
import { connectingChecks } from './checks/connecting.ts';
import { controlChecks } from './checks/control.ts';
import { livenessChecks } from './checks/liveness.ts';
import { mediaFaultChecks } from './checks/media-faults.ts';
import { offerChecks } from './checks/offers.ts';
import { resumeChecks } from './checks/resume.ts';
import { type ClientCheck, ClientBench } from './client-bench.ts';
import type { ClientFeature } from './scenarios.ts';
import { type ClientLine, type StartClient, Station } from './station.ts';

/** How a client is tried. */
export interface TestClientOptions {
  /**
   * Starts one conformance agent that serves `line`, and ends it when it is disposed of. The kit then starts as many as it needs, several at a
   * time, each on a port of its own. Left out: somebody starts them by hand, whenever `onNeedClient` says so.
   */
  readonly start?: StartClient;
  /** Told once where the client is to connect, without `start`. */
  readonly onListening?: (line: ClientLine) => void;
  /** Told whenever a client is to be started, without `start`. */
  readonly onNeedClient?: () => void;
  /** Without `start`: where to listen. Default 0, any free one. */
  readonly port?: number;
  /** A loopback address. Default 127.0.0.1. */
  readonly host?: string;
  /** What the client is to show. Default: a new one. */
  readonly apiKey?: string;
  /** How long a client may take to be there. Default 60,000; 20,000 at most where the kit starts it. */
  readonly arriveWithinMs?: number;
  /** What the client lacks; checks that need it are untried. */
  readonly without?: readonly ClientFeature[];
  /** Only checks that try one of these rules, or whose name contains one of these texts. Default all. */
  readonly only?: readonly string[];
  /** With `start`: how many clients are tried side by side. Default 4. */
  readonly concurrency?: number;
  readonly onResult?: (result: CheckResult) => void;
  /** Begins no further check. */
  readonly signal?: AbortSignal;
}

/** Every check of a client, in the order in which it is tried. */
export const clientChecks: readonly ClientCheck[] = [
  ...connectingChecks,
  ...offerChecks,
  ...commandChecks,
  ...audioChecks,
  ...resumeChecks,
  ...mediaFaultChecks,
  ...livenessChecks,
  ...controlChecks,
];

const checkTimeoutMs = 40_000;

/** Plays a switch for a client under test, clause by clause of PROTOCOL.md. Rejects only if it cannot listen. */
export async function testClient(options: TestClientOptions): Promise<ConformanceReport> {
  const {
    start,
    host = '127.0.0.1',
    port = 0,
    apiKey,
    arriveWithinMs = 60_000,
    without = [],
    only,
    onResult,
    signal,
  } = options;
  const concurrency = start === undefined ? 1 : (options.concurrency ?? 4);
  const stations: Station[] = [];
  const idle: Station[] = [];
  const { onNeedClient } = options;
  const openStation = async (): Promise<Station> => {
    const station = await Station.open({
      host,
      port: start === undefined ? port : 0,
      apiKey,
      start,
      arriveWithinMs,
      ...(onNeedClient && { onNeedClient }),
    });
    stations.push(station);
    return station;
  };
  const openBench = async (): Promise<ClientBench> => {
    // Without anybody there, each check would wait as long for nothing.
    if (stations.some(({ isDeserted }) => isDeserted)) throw new Untried('there is no client');
    const station = idle.pop() ?? (await openStation());
    return new ClientBench(station, { without: new Set(without), release: () => idle.push(station) });
  };
  try {
    if (start === undefined) {
      const station = await openStation();
      options.onListening?.(station.line);
      idle.push(station);
    }
    const checks = clientChecks.filter((check) => only === undefined || only.some((wish) => isMeant(check, wish)));
    const report = await runChecks(checks, {
      side: 'client',
      target: () => stations.find(({ clientName }) => clientName !== '')?.clientName ?? 'that never came',
      openBench,
      checkTimeoutMs: start === undefined ? checkTimeoutMs + arriveWithinMs : checkTimeoutMs,
      concurrency,
      ...(onResult && { onResult }),
      ...(signal && { signal }),
    });
    return only === undefined ? report : { ...report, only };
  } finally {
    await Promise.all(stations.map((station) => station[Symbol.asyncDispose]()));
  }
}

function isMeant({ name, clauses }: ClientCheck, wish: string): boolean {
  return clauses.includes(wish) || name.includes(wish);
}
