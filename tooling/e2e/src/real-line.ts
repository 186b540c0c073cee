import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Clock, createSystemClock, sleep } from '@agentao/clock';
import { createApiKey, createSwitch, type Switch } from '@agentao/switch';
import { createScriptedPhones, type Phone, type ScriptedPhones } from '@agentao/switch/testing';
import { listenWs } from '@agentao/transport/ws';

export const clock: Clock = createSystemClock(globalThis);
export const calleeNumber = '+15559999';

/** A switch on a real port, and scripted phones in this process. */
export interface RealSwitch extends AsyncDisposable {
  readonly callSwitch: Switch;
  readonly phones: ScriptedPhones;
  /** With which an agent program finds the switch. */
  readonly agentEnv: Readonly<Record<string, string>>;
}

/** The same with an agent program in a process of its own. */
export interface RealLine extends AsyncDisposable {
  readonly callSwitch: Switch;
  readonly phones: ScriptedPhones;
  /** What the agent wrote to standard error so far. */
  readonly complaints: string;
  /** Resolves when the agent has written `text` to standard output; rejects after 10 s without it. */
  prints(text: string): Promise<void>;
  /** Whether the agent process still runs. */
  readonly running: boolean;
}

/** Opens it, with one connector that serves {@link calleeNumber}. */
export async function openRealSwitch(): Promise<RealSwitch> {
  const phones = createScriptedPhones({ clock });
  const { key, stored } = createApiKey();
  const callSwitch = createSwitch({
    clock,
    legs: [phones],
    connectors: [{ uuid: 'e2e', numbers: [calleeNumber], keys: [stored] }],
  });
  const server = await listenWs({ clock, port: 0, onUpgrade: callSwitch.onUpgrade, onRequest: callSwitch.onRequest });
  callSwitch.start();
  return {
    callSwitch,
    phones,
    agentEnv: { AGENTAO_API_KEY: key, AGENTAO_CONNECTOR_UUID: 'e2e', AGENTAO_BASE_URL: server.url },
    [Symbol.asyncDispose]: async () => {
      await callSwitch.close();
      await server.close();
    },
  };
}

/** Runs `source`, a TypeScript module, as the agent, and waits until it takes calls. */
export async function openRealLine(source: string): Promise<RealLine> {
  const real = await openRealSwitch();
  const { callSwitch, phones } = real;
  const agent = spawn(process.execPath, ['--input-type=module-typescript', '--eval', source], {
    cwd: new URL('.', import.meta.url),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...real.agentEnv },
  });
  let complaints = '';
  let output = '';
  agent.stderr.on('data', (data) => {
    complaints += String(data);
  });
  agent.stdout.on('data', (data) => {
    output += String(data);
  });
  const exited = once(agent, 'exit');
  const close = async (): Promise<void> => {
    // An agent that is told to stop waits for its calls.
    await phones.close();
    agent.kill('SIGTERM');
    await exited;
    await real[Symbol.asyncDispose]();
  };
  const gone = exited.then(() => Promise.reject(new Error(`the agent ended: ${complaints}`)));
  try {
    await Promise.race([callSwitch.whenReady('e2e'), gone]);
  } catch (error) {
    await close();
    throw error;
  }
  gone.catch(() => undefined);
  return {
    callSwitch,
    phones,
    get complaints() {
      return complaints;
    },
    prints: (text) => eventually(() => output.includes(text), `no ${text}`),
    get running() {
      return agent.exitCode === null && agent.signalCode === null;
    },
    [Symbol.asyncDispose]: close,
  };
}

/** Resolves when the tone is at the phone's ear; rejects after 10 s without it. */
export function hears(phone: Phone, frequencyHz: number): Promise<void> {
  const heard = (): boolean => phone.levelDb({ frequencyHz, fromMs: Math.max(0, phone.heardMs - 200) }) > -30;
  return eventually(heard, `no ${frequencyHz} Hz`);
}

async function eventually(condition: () => boolean, failure: string): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 20) {
    if (waitedMs > 10_000) throw new Error(`${failure} within 10 s`);
    await sleep(clock, 20);
  }
}
