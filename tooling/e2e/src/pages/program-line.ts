import * as calls from '@agentao/calls';
import { tone } from '@agentao/audio';
import type { Phone } from '@agentao/switch/testing';
import { vi } from 'vitest';
import { openVirtualSwitch, type VirtualSwitch } from '../virtual-switch.ts';
import { type Exports, runBlock } from './run-block.ts';

/** A virtual switch on which whole programs run: their clients get its clock and its sockets, and its key from the environment. */
export interface ProgramLine extends VirtualSwitch {
  /** Starts a program, waits until its client is ready for calls, and resolves with what settles when the program ends. */
  start(code: string): Promise<{ readonly ended: Promise<Exports> }>;
  /** Runs a block that ends by itself. */
  run(code: string): Promise<Exports>;
  /** What programs wrote to the console, line by line. */
  readonly printed: readonly string[];
  /** Clients that programs have made, oldest first. */
  readonly clients: readonly calls.AgenTaoClient[];
}

/** Opens it; closing it disconnects the clients of its programs. */
export function openProgramLine(): ProgramLine {
  const virtual = openVirtualSwitch();
  const { clock, network, settled } = virtual;
  const printed: string[] = [];
  const clients: calls.AgenTaoClient[] = [];
  const programs: Promise<Exports>[] = [];
  for (const [name, value] of Object.entries(virtual.env)) vi.stubEnv(name, value);

  class AgenTaoClient extends calls.AgenTaoClient {
    constructor(config: calls.AgenTaoClientConfig, options: calls.ClientOptions = {}) {
      super(config, { clock, transport: network.connect, ...options });
      clients.push(this);
    }

    static override async open(config: calls.AgenTaoClientConfig): Promise<AgenTaoClient> {
      const client = new AgenTaoClient(config);
      await client.connect();
      return client;
    }
  }
  const print = (...values: unknown[]): void => void printed.push(values.map(String).join(' '));
  const clockModule: Exports = { ...calls, AgenTaoClient };
  const world = { modules: new Map([['@agentao/calls', clockModule]]), console: { log: print, error: print } };

  return {
    ...virtual,
    printed,
    clients,
    start: async (code) => {
      const ended = runBlock(code, world);
      programs.push(ended);
      const gone = ended.then(() => Promise.reject(new Error('the program ended before it was ready')));
      gone.catch(() => undefined);
      await Promise.race([virtual.whenReady(), gone]);
      return { ended };
    },
    run: (code) => settled(runBlock(code, world)),
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) await settled(client.disconnect());
      await Promise.all(programs);
      await virtual[Symbol.asyncDispose]();
      vi.unstubAllEnvs();
    },
  };
}

/** A tone at -20 dBFS, which the voice activity detector takes for speech. */
export function speech(frequencyHz: number, durationMs: number): Int16Array {
  return tone({ frequencyHz, durationMs, sampleRateHz: 24_000, levelDb: -20 });
}

/** Level of one frequency in the last `ms` of what a phone heard, in dBFS. */
export function heardLately(phone: Phone, frequencyHz: number, ms = 200): number {
  return phone.levelDb({ frequencyHz, fromMs: Math.max(0, phone.heardMs - ms) });
}
