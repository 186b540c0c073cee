import type { Clock } from '@agentao/clock';
import type { SocketFactory } from '@agentao/transport';
import type { Desk } from './desk.ts';
import type { NumberPool } from './number-pool.ts';
import type { Violation } from './observer.ts';

/** The switch under test and what all checks of a run share. */
export interface Site {
  readonly clock: Clock;
  readonly connect: SocketFactory;
  /** Base URL of the switch, `ws:` or `wss:`. */
  readonly url: URL;
  readonly apiKey: string;
  readonly operatorToken: string | undefined;
  readonly connectorUuid: string | undefined;
  /** How long the switch may take for what it owes at once. */
  readonly patienceMs: number;
  /** Why no call can be placed here; `undefined` where phones may dial. */
  readonly whyNoCalls: string | undefined;
  /** Why nobody can sign in here; `undefined` where somebody can. */
  readonly whyNoOperators: string | undefined;
  /** Numbers that the connector serves, each for one check at a time. */
  readonly numbers: NumberPool;
  /** Takes the offers for the checks that need just a call. */
  readonly desk: Desk;
  /** A number that no other call of this run comes from. */
  nextCaller(): string;
  /** Where the switch broke a rule that holds at all times, by any check. */
  readonly violations: Violation[];
  /** A promise that several checks share: the first one makes it. */
  shared(name: string, make: () => Promise<void>): Promise<void>;
}
