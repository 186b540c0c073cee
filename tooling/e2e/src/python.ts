import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { clientModule, findPython } from '@agentao-tooling/engines';
import { sleep } from '@agentao/clock';
import type { Phone, ScriptedPhones } from '@agentao/switch/testing';
import { clock, openRealSwitch } from './real-line.ts';

const folder = fileURLToPath(new URL('../../../packages/protocol/conformance/python/', import.meta.url));

/** A Python that has what the client needs, or `undefined`. */
export const python: string | undefined = findPython({ modules: [clientModule] }).path;

/** A program of the Python client, in a process of its own. */
export interface PythonProgram {
  readonly out: string;
  readonly err: string;
  readonly exitCode: Promise<number | null>;
  onLine(line: string, listener: () => void): void;
  stop(): void;
}

/** A switch on a real port, and scripted phones in this process. */
export interface PythonLine extends AsyncDisposable {
  readonly phones: ScriptedPhones;
  /** Starts a program of `conformance/python` that serves this switch. */
  run(file: string): PythonProgram;
}

export async function openPythonLine(): Promise<PythonLine> {
  if (python === undefined) throw new Error('there is no Python for the client');
  const command = python;
  const real = await openRealSwitch();
  const { phones } = real;
  const env = { ...process.env, ...real.agentEnv, PYTHONDONTWRITEBYTECODE: '1' };
  const running: { readonly child: ChildProcess; readonly exitCode: Promise<number | null> }[] = [];

  return {
    phones,
    run(file) {
      const child = spawn(command, [folder + file], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      const listeners = new Map<string, () => void>();
      let out = '';
      let err = '';
      let rest = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) listeners.get(line)?.();
      });
      const exitCode = once(child, 'close').then(([code]) => code as number | null);
      running.push({ child, exitCode });
      return {
        get out() {
          return out;
        },
        get err() {
          return err;
        },
        exitCode,
        onLine: (line, listener) => listeners.set(line, listener),
        stop: () => child.kill('SIGTERM'),
      };
    },
    [Symbol.asyncDispose]: async () => {
      await phones.close();
      for (const { child } of running) child.kill('SIGKILL');
      await Promise.all(running.map(({ exitCode }) => exitCode));
      await real[Symbol.asyncDispose]();
    },
  };
}

/** A stretch of a tone at an ear, in milliseconds of that ear. */
export interface Burst {
  readonly fromMs: number;
  readonly toMs: number;
  /** In dBFS, of the loudest part. */
  readonly peakDb: number;
}

const windowMs = 40;
const joinMs = 200;

/** The stretches in which a phone has heard a tone above `floorDb` since `fromMs`; pauses below 200 ms count as none. */
export function bursts(phone: Phone, frequencyHz: number, fromMs: number, floorDb = -40): readonly Burst[] {
  const found: Burst[] = [];
  for (let startMs = fromMs; startMs + windowMs <= phone.heardMs; startMs += windowMs) {
    const toMs = startMs + windowMs;
    const peakDb = phone.levelDb({ frequencyHz, fromMs: startMs, toMs });
    if (peakDb < floorDb) continue;
    const last = found.at(-1);
    if (last !== undefined && startMs - last.toMs < joinMs) {
      found[found.length - 1] = { fromMs: last.fromMs, toMs, peakDb: Math.max(last.peakDb, peakDb) };
    } else {
      found.push({ fromMs: startMs, toMs, peakDb });
    }
  }
  return found;
}

/** Resolves when `condition` holds; rejects after 15 s. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 20) {
    if (waitedMs > 15_000) throw new Error(`not within 15 s: ${what}`);
    await sleep(clock, 20);
  }
}
