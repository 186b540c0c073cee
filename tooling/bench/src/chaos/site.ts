import { createApiKey, createOperatorToken } from '@agentao/switch';
import type { AgentManner } from './agent-part.ts';
import type { AgentSetup } from './agent-process.ts';
import { type Child, startChild } from './child.ts';
import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts';
import { createLedger, type Ledger } from './ledger.ts';
import type { PairPlan, PairReport, Told } from './messages.ts';
import type { PhonesSetup } from './phones-process.ts';
import type { SwitchSetup } from './switch-process.ts';
import { slots } from './voices.ts';

/** What the site is made of. */
export interface SiteOptions {
  readonly agents: number;
  readonly phones: number;
  /** The digits of the connectors, each with a connector of its own. */
  readonly lines: readonly number[];
  /** The one of them whose calls are recorded, and where. */
  readonly recorded?: { readonly line: number; readonly folder: string };
  readonly manner: AgentManner;
  readonly acceptsTakeover: (agent: number) => boolean;
  readonly switchDrainMs: number;
  readonly agentDrainMs: number;
  /** A pair is done. */
  readonly onPair: (report: PairReport) => void;
  readonly onTold?: (from: string, told: Told) => void;
}

/** A switch, agents behind proxies, and phones, each in a process of its own. */
export interface Site extends AsyncDisposable {
  readonly switch: Child;
  readonly agents: (Child | undefined)[];
  readonly proxies: readonly FaultyProxy[];
  readonly phones: readonly Child[];
  readonly ledger: Ledger;
  /** Processes that ended and should not have. */
  readonly crashes: readonly string[];
  /** Pairs that are under way. */
  readonly live: number;
  /** Has a pair do what the plan says; `undefined` if all slots are taken. */
  place(plan: Omit<PairPlan, 'slot' | 'serial'>): number | undefined;
  /** As by `kill -9`, and another one in its place after `awayMs`. */
  killAgent(index: number, awayMs: number): Promise<void>;
  /** This process may end from now on. */
  expectEnd(child: Child): void;
}

/** Starts all of it and resolves when the agents are connected. */
export async function openSite(options: SiteOptions): Promise<Site> {
  const { onPair, onTold = () => undefined } = options;
  const ledger = createLedger();
  const crashes: string[] = [];
  const mayEnd = new WeakSet<Child>();
  const free = Array.from({ length: slots }, (_, slot) => slot);
  const slotOf = new Map<number, number>();
  const operator = createOperatorToken();
  const connectors = options.lines.map((line) => {
    const { key, stored } = createApiKey();
    return { uuid: crypto.randomUUID(), line, apiKey: key, key: stored };
  });
  let serials = 0;
  let closed = false;

  const start = async (
    name: string,
    module: string,
    env: Readonly<Record<string, string>>,
  ): Promise<Child & { url: string }> => {
    const child = await startChild({
      name,
      module,
      env,
      onTold: (told) => {
        onTold(name, told);
        take(name, told);
      },
    });
    void child.exited.then(({ code, signal }) => {
      if (name.startsWith('agent')) ledger.killed(name);
      const expected = closed || (mayEnd.has(child) && (code === 0 || signal === 'SIGKILL'));
      if (!expected) crashes.push(`${name} ended with ${signal ?? code}: ${child.complaints}`);
      else if (/\bat .*\(?(file:|node:)/.test(child.complaints)) crashes.push(`${name} wrote: ${child.complaints}`);
    });
    return child;
  };
  const take = (name: string, told: Told): void => {
    if (told.type === 'call') ledger.call(told);
    if (told.type === 'begun') ledger.begun(name, told);
    if (told.type === 'heard') ledger.heard(name, told);
    if (told.type === 'part') ledger.part(name, told);
    if (told.type !== 'pair') return;
    ledger.pair(told);
    const slot = slotOf.get(told.serial);
    slotOf.delete(told.serial);
    if (slot !== undefined) free.push(slot);
    onPair(told);
  };

  const switchSetup: SwitchSetup = {
    connectors: connectors.map(({ uuid, line, key }) => ({
      uuid,
      line,
      key,
      recorded: line === options.recorded?.line,
    })),
    ...(options.recorded && { recordsFolder: options.recorded.folder }),
    operatorSha256: operator.sha256,
    drainTimeoutMs: options.switchDrainMs,
  };
  const callSwitch = await start('switch', 'switch-process.ts', { CHAOS_SWITCH: JSON.stringify(switchSetup) });
  const { url } = callSwitch;
  const proxies = await Promise.all(
    Array.from({ length: options.agents }, () => startFaultyProxy(Number(new URL(url).port))),
  );
  let generation = 0;
  const startAgent = (index: number): Promise<Child> => {
    const setup: AgentSetup = {
      baseUrl: `ws://127.0.0.1:${proxies[index]?.port}`,
      connectors: connectors.map(({ uuid, apiKey }) => ({ uuid, apiKey })),
      acceptsTakeover: options.acceptsTakeover(index),
      manner: options.manner,
      drainTimeoutMs: options.agentDrainMs,
    };
    return start(`agent ${index}.${++generation}`, 'agent-process.ts', { CHAOS_AGENT: JSON.stringify(setup) });
  };
  const phonesSetup: PhonesSetup = { url, operatorToken: operator.token };
  const [agents, phones] = await Promise.all([
    Promise.all(Array.from({ length: options.agents }, (_, index): Promise<Child | undefined> => startAgent(index))),
    Promise.all(
      Array.from({ length: options.phones }, (_, index) =>
        start(`phones ${index}`, 'phones-process.ts', { CHAOS_PHONES: JSON.stringify(phonesSetup) }),
      ),
    ),
  ]);

  return {
    switch: callSwitch,
    agents,
    proxies,
    phones,
    ledger,
    crashes,
    get live() {
      return slotOf.size;
    },
    place: (plan) => {
      const slot = free.shift();
      if (slot === undefined) return undefined;
      const serial = ++serials;
      slotOf.set(serial, slot);
      phones[serial % phones.length]?.ask({ type: 'place', plan: { ...plan, serial, slot } });
      return serial;
    },
    killAgent: async (index, awayMs) => {
      const child = agents[index];
      if (child === undefined) return;
      agents[index] = undefined;
      mayEnd.add(child);
      child.signal('SIGKILL');
      await child.exited;
      await new Promise((resolve) => setTimeout(resolve, awayMs));
      if (closed) return;
      await startAgent(index).then(
        (next) => {
          agents[index] = next;
        },
        (error: unknown) => void crashes.push(String(error)),
      );
    },
    expectEnd: (child) => void mayEnd.add(child),
    [Symbol.asyncDispose]: async () => {
      closed = true;
      const children = [...agents, ...phones, callSwitch].filter((child) => child?.running === true) as Child[];
      for (const child of children) child.signal('SIGKILL');
      await Promise.all(children.map(({ exited }) => exited));
      await Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
    },
  };
}
