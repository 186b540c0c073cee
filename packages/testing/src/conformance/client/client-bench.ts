import { randomUUID } from 'node:crypto';
import { limits } from '@agentao/protocol';
import type { ConformanceCheck } from '../check.ts';
import type { Arrival } from './arrival.ts';
import { clock, lateMs } from './clock.ts';
import { Lateness } from './lateness.ts';
import type { Peer } from './peer.ts';
import type { ClientFeature, Scenario } from './scenarios.ts';
import { type AttachOptions, ScriptedCall } from './scripted-call.ts';
import type { Station } from './station.ts';

/** One thing that a client must do. */
export type ClientCheck = ConformanceCheck<ClientBench>;

/** What a check may have beside its name, its clauses and what it does. */
export interface ClientCheckOptions {
  /** What the client must have for it. */
  readonly needs?: readonly ClientFeature[];
  /** Where the protocol itself waits longer. */
  readonly timeoutMs?: number;
}

/** Makes a check. */
export function clientCheck(
  name: string,
  clauses: string,
  { needs = [], run, ...more }: ClientCheckOptions & Pick<ClientCheck, 'run'>,
): ClientCheck {
  return {
    name,
    clauses: clauses.split(' '),
    skipWhy: ({ without }) => {
      const missing = needs.filter((feature) => without.has(feature));
      return missing.length === 0 ? undefined : `this client does without ${missing.join(' and ')}`;
    },
    run,
    ...more,
  };
}

/** What a check of a client works with: a switch that does what it is told, and calls on it. */
export class ClientBench implements AsyncDisposable {
  readonly station: Station;
  /** What the client lacks. */
  readonly without: ReadonlySet<ClientFeature>;
  readonly #release: () => void;
  readonly #calls: ScriptedCall[] = [];
  /** Whether the client is of use for the next check. */
  #spent = false;

  constructor(
    station: Station,
    options: { readonly without: ReadonlySet<ClientFeature>; readonly release: () => void },
  ) {
    this.station = station;
    this.without = options.without;
    this.#release = options.release;
  }

  /** The control connection of a client that is ready for calls. */
  ready(): Promise<Peer> {
    return this.station.ready();
  }

  /** The client will not come back, or is in a state that no other check should begin with. */
  spend(): void {
    this.#spent = true;
  }

  /** The control connection of a client that no other check uses afterwards, and that has failed at nothing yet where the kit starts it. */
  fresh(): Promise<Peer> {
    this.spend();
    return this.station.ready();
  }

  /** The next control connection, up to `ready`, after the present one was closed in a way that is worth a retry. */
  async again(): Promise<Peer> {
    this.spend();
    const control = await this.ready();
    control.close('GOING_AWAY');
    return this.station.welcome(await this.nextAttempt(limits.reconnectBaseMs));
  }

  /** Offers a call and returns it. The client is ready by then. */
  async offer(scenario: Scenario, fields: object = {}): Promise<ScriptedCall & { readonly offerId: string }> {
    const control = await this.ready();
    return this.offerOn(control, scenario, fields);
  }

  /** Offers a call on this connection. */
  offerOn(control: Peer, scenario: Scenario, fields: object = {}): ScriptedCall & { readonly offerId: string } {
    const offerId = `offer-${randomUUID()}`;
    const call = Object.assign(new ScriptedCall(this.station), { offerId });
    this.#calls.push(call);
    const { callId, mediaToken } = call;
    control.send({
      type: 'offer',
      offerId,
      callId,
      callerNumber: '+15550001',
      calleeNumber: scenario,
      direction: 'MT',
      mediaUrl: '/media',
      mediaToken,
      acceptWithinMs: 2_000,
      ...fields,
    });
    return call;
  }

  /** A call that the client has taken. */
  async call(scenario: Scenario, options: AttachOptions = {}): Promise<ScriptedCall> {
    const call = await this.offer(scenario);
    await call.attach(options);
    return call;
  }

  /** The client still takes calls. */
  async stillServes(): Promise<void> {
    const call = await this.call('answer');
    await call.answered();
    await call.hangUp();
  }

  /** The control connection is lost; resolves with the next attempt, which comes within the bound that the back-off has then. */
  async nextAttempt(boundMs: number): Promise<Arrival> {
    using late = new Lateness(clock);
    const withinMs = (this.station.startsClient ? boundMs : limits.reconnectCapMs) + lateMs;
    try {
      return await this.station.arrival({ withinMs, expected: 'a new control connection' });
    } catch (error) {
      // The client is owed what this machine was late by.
      return await this.station.arrival({ withinMs: late.totalMs }).catch(() => {
        throw error;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      const spent = this.#spent || this.station.breaches.length > 0;
      for (const call of this.#calls) {
        if (!call.isOpen) continue;
        if (spent) call.peer.wire.cut();
        else await call.hangUp().catch(() => this.spend());
      }
      if (spent || this.#spent) await this.station.retire();
      const [breach] = this.station.breaches;
      if (breach !== undefined) throw breach;
    } finally {
      this.station.reset();
      this.#release();
    }
  }
}
