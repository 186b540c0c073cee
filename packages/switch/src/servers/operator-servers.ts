import {
  createOperators,
  type Operators,
  type OperatorsContext,
  type OperatorsOptions,
} from '../operators/operators.ts';
import { createAllowedHosts } from './allowed-hosts.ts';
import type { HttpOptions } from './http.ts';
import { createMonitorServer, type MonitorServer } from './monitor-server.ts';
import { createOperatorHttp } from './operator-http.ts';
import { createPhoneServer, type PhoneServer } from './phone-server.ts';
import type { OperatorGate } from './socket-gate.ts';

/** All that is there for people: phones, monitors, and the way in for browsers. */
export interface OperatorServers {
  readonly operators: Operators;
  readonly phones: PhoneServer;
  readonly monitors: MonitorServer;
  readonly gate: OperatorGate;
  readonly http: NonNullable<HttpOptions['operators']>;
}

/** What they share with the rest of the switch. */
export interface OperatorServersContext extends OperatorsContext {
  /** Numbers of the connectors. */
  readonly numbers: () => readonly string[];
  /** Whether a connector serves a number. */
  readonly serves: (number: string) => boolean;
}

/** Creates them with nobody in. Throws a TypeError that names the option at fault. */
export function createOperatorServers(options: OperatorsOptions, context: OperatorServersContext): OperatorServers {
  const { clock, logger, limits, numbers, serves } = context;
  const shared = { clock, logger, limits };
  const hosts = createAllowedHosts(options.hosts);
  const operators = createOperators(options, shared);
  const phones = createPhoneServer({ ...shared, dev: operators.dev, serves });
  const monitors = createMonitorServer(shared);
  return {
    operators,
    phones,
    monitors,
    gate: { operators, hosts, phone: phones.admit, monitor: monitors.admit },
    http: { hosts, actions: createOperatorHttp({ operators, numbers }) },
  };
}
