import { runInThisContext } from 'node:vm';
import ts from 'typescript';

/** What a module exports, by name. */
export type Exports = Readonly<Record<string, unknown>>;

/** What a block sees of the world, where it is not the real one. */
export interface BlockWorld {
  /** Modules in place of those of the same name. */
  readonly modules?: ReadonlyMap<string, Exports>;
  /** Default: what a block prints is lost. */
  readonly console?: Pick<Console, 'log' | 'error'>;
}

const silent = { log: () => undefined, error: () => undefined };

const known: ReadonlyMap<string, () => Promise<Exports>> = new Map<string, () => Promise<Exports>>([
  ['@agentao/adk', () => import('@agentao/adk')],
  ['@agentao/agent', () => import('@agentao/agent')],
  ['@agentao/audio', () => import('@agentao/audio')],
  ['@agentao/audio/speech', () => import('@agentao/audio/speech')],
  ['@agentao/business/app', () => import('@agentao/business/app')],
  ['@agentao/business/hours', () => import('@agentao/business/hours')],
  ['@agentao/business/notify', () => import('@agentao/business/notify')],
  ['@agentao/business/phone-numbers', () => import('@agentao/business/phone-numbers')],
  ['@agentao/business/sqlite', () => import('@agentao/business/sqlite')],
  ['@agentao/calls', () => import('@agentao/calls')],
  ['@agentao/clock', () => import('@agentao/clock')],
  ['@agentao/gemini', () => import('@agentao/gemini')],
  ['@agentao/switch', () => import('@agentao/switch')],
  ['@agentao/switch/testing', () => import('@agentao/switch/testing')],
  ['@agentao/testing', () => import('@agentao/testing')],
  ['@agentao/testing/app', () => import('@agentao/testing/app')],
  ['@agentao/testing/live', () => import('@agentao/testing/live')],
  ['@agentao/transport/memory', () => import('@agentao/transport/memory')],
  ['@google/adk', () => import('@google/adk')],
  ['@opentelemetry/api', () => import('@opentelemetry/api')],
  ['@opentelemetry/sdk-trace-base', () => import('@opentelemetry/sdk-trace-base')],
  ['node:diagnostics_channel', () => import('node:diagnostics_channel')],
  ['node:fs/promises', () => import('node:fs/promises')],
  ['rxjs', () => import('rxjs')],
  ['zod', () => import('zod')],
]);

type Body = (require: (name: string) => Exports, exports: Exports, console: unknown) => Promise<void>;

/**
 * Runs a block as a module, in this process and with the packages of the tests, and resolves with its exports when it has run to its end,
 * awaits at its top level included.
 */
export async function runBlock(code: string, { modules, console: output = silent }: BlockWorld = {}): Promise<Exports> {
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ESNext };
  const { outputText } = ts.transpileModule(code, { compilerOptions });
  const wanted = new Map<string, Exports>();
  for (const [, name = ''] of outputText.matchAll(/require\("([^"]+)"\)/g)) {
    const module = modules?.get(name) ?? (await known.get(name)?.());
    if (module === undefined) throw new Error(`a block imports ${name}, which no test provides`);
    wanted.set(name, module);
  }
  const body = runInThisContext(`(async (require, exports, console) => {${outputText}\n})`) as Body;
  const exported: Exports = {};
  await body((name) => wanted.get(name) ?? {}, exported, output);
  return exported;
}
