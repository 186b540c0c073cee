import { createVirtualClock, type VirtualClock } from '@agentao/clock';
import type { ControlOffer } from '@agentao/protocol';
import { createMemoryNetwork, type MemoryNetwork } from '@agentao/transport/memory';
import type { ActiveCall } from '../active-call.ts';
import { AgenTaoClient } from '../client.ts';
import { AgenTaoClientConfig } from '../config.ts';
import type { SandboxOptions } from '../config-options.ts';
import { ClientEvent } from '../events.ts';
import type { Logger } from '../logger.ts';
import type { ScriptedCall } from './scripted-call.ts';
import { ScriptedSwitch } from './scripted-switch.ts';

/** One line a logger was given. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

/** A client and a scripted switch on one virtual clock. */
export interface Bench {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly peer: ScriptedSwitch;
  readonly client: AgenTaoClient;
  readonly log: LogLine[];
  /** Lets virtual time run until `promise` settles. */
  until<T>(promise: Promise<T>, maxMs?: number): Promise<T>;
  /** Lets everything under way happen, and `ms` pass. */
  pass(ms?: number): Promise<void>;
  /** Connects, offers a call and resolves with both its ends. The client's handler does nothing. */
  call(fields?: Partial<ControlOffer>): Promise<{ readonly call: ActiveCall; readonly peer: ScriptedCall }>;
  /** The lines of a level. */
  logged(level: LogLine['level']): LogLine[];
}

const host = '127.0.0.1:7350';

/** Makes a bench; nothing is connected yet. */
export function createBench(
  options: Partial<SandboxOptions> & { readonly latencyMs?: number; readonly random?: () => number } = {},
): Bench {
  const { latencyMs = 0, random = () => 0.5, ...config } = options;
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const network = createMemoryNetwork({ clock, latencyMs });
  const peer = new ScriptedSwitch({ clock, network, host });
  const log: LogLine[] = [];
  const logger = recordingLogger(log);
  const client = new AgenTaoClient(
    AgenTaoClientConfig.sandbox({ apiKey: 'ak_test_secret', connectorUuid: 'c-1', logger, ...config }),
    { clock, transport: network.connect, random },
  );
  let taken = false;
  const waiting: ((call: ActiveCall) => void)[] = [];

  const until: Bench['until'] = (promise, maxMs = 200_000) => clock.runUntil(promise, { maxMs });
  const pass: Bench['pass'] = (ms = 0) => clock.advance(ms);

  return {
    clock,
    network,
    peer,
    client,
    log,
    until,
    pass,
    async call(fields) {
      if (!taken) client.on(ClientEvent.INCOMING_CALL, (call) => waiting.shift()?.(call));
      taken = true;
      await until(client.connect());
      await pass(latencyMs * 2);
      const delivered = new Promise<ActiveCall>((resolve) => waiting.push(resolve));
      const scripted = peer.offer(fields);
      return { call: await until(delivered), peer: scripted };
    },
    logged: (level) => log.filter((line) => line.level === level),
  };
}

function recordingLogger(log: LogLine[]): Logger {
  const write = (level: LogLine['level']) => (fields: object, message: string) =>
    void log.push({ level, fields, message });
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
