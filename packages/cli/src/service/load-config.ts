import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { type Document, isMap, isNode, isPair, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { configKeys, configSchema, tlsSchema } from './config-schema.ts';
import { crossFaults } from './config-rules.ts';
import { type EnvOverride, readEnv } from './env-overrides.ts';
import { printable } from '../output/printable.ts';
import { nearestName } from './nearest-name.ts';
import { secretFaults, secretIn } from './secret-scan.ts';
import { type ConfigFault, type ConfigPath, type ServiceConfig, showPath, type TlsConfig } from './service-config.ts';

/** A configuration, or everything that is wrong with it, one line each. */
export type LoadedConfig =
  | { readonly ok: true; readonly config: ServiceConfig }
  | {
      readonly ok: false;
      readonly problems: readonly string[];
      /** The certificates of a file that has other faults, so that all faults can be told at once. */
      readonly tls?: TlsConfig;
    };

/** What stands above the file. */
export interface ConfigSurroundings {
  readonly env: NodeJS.ProcessEnv;
  /** Where relative paths of the environment start; those of the file start at the file. */
  readonly cwd: string;
}

const maxFileBytes = 1_048_576;
/** More than any section has. */
const maxDepth = 32;

/** Reads a file and the environment. Never rejects. */
export async function loadConfig(path: string, surroundings: ConfigSurroundings): Promise<LoadedConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'there is no such file; docs/operating.md has one to start from' : `cannot be read (${code})`;
    return { ok: false, problems: [`${path}: ${why}`] };
  }
  return readConfig(text, path, surroundings);
}

/** The same for the text of a file at `path`. */
export function readConfig(text: string, path: string, surroundings: ConfigSurroundings): LoadedConfig {
  const name = basename(path);
  if (Buffer.byteLength(text) > maxFileBytes) return { ok: false, problems: [`${name}: is larger than 1 MiB`] };
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    // A warning of the library goes to standard error, with the text that it is about.
    logLevel: 'error',
  });
  // The library's own messages quote the text, which may hold a secret.
  const broken = [...document.errors, ...document.warnings].map(
    ({ code, pos }) =>
      `${name}:${lines.linePos(pos[0]).line}: is no YAML here (${code.toLowerCase().replaceAll('_', ' ')})`,
  );
  if (broken.length > 0) return { ok: false, problems: [...new Set(broken)] };

  const env = readEnv(surroundings.env, surroundings.cwd);
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch {
    return { ok: false, problems: [`${name}: has aliases that lead nowhere or too far; write the values out`] };
  }
  if (isDeep(raw, [])) {
    const fault = `has values within values beyond ${maxDepth} levels, or an alias within what it stands for`;
    return { ok: false, problems: [`${name}: ${fault}; write the values out`] };
  }
  const inFile = secretFaults(raw);
  const overridden = new Map<string, EnvOverride>();
  const value = env.values.reduce((whole, { override, value: over }) => {
    overridden.set(showPath(override.path), override);
    return withValue(whole, override.path, over);
  }, raw);

  const show = ({ path: at, message }: ConfigFault): string => {
    const override = overridden.get(showPath(at));
    const where = override?.name ?? `${name}:${lines.linePos(offsetOf(document, at)).line}`;
    return printable(`${showPath(at)}: ${message} (${where})`);
  };
  const parsed = configSchema.safeParse(value);
  const shapeFaults = parsed.success ? [] : parsed.error.issues.flatMap((issue) => faultsOf(issue, value));
  const secret = new Set(inFile.map(({ path: at }) => showPath(at)));
  // A secret is told as one, not as a value of the wrong kind.
  const others = [...shapeFaults, ...crossFaults(value)].filter(
    ({ path: at }) => !secret.has(showPath(at)) && !at.some((step) => secretIn(String(step)) !== undefined),
  );
  const faults = [...inFile, ...others].toSorted((a, b) => offsetOf(document, a.path) - offsetOf(document, b.path));
  const problems = [...faults.map(show), ...secretsInComments(text, name), ...env.problems.map(printable)];
  const folder = dirname(resolve(surroundings.cwd, path));
  if (parsed.success && problems.length === 0) return { ok: true, config: withAbsolutePaths(parsed.data, folder) };
  const tls = tlsSchema.safeParse(valueAt(value, ['listen', 'tls']));
  const readable = tls.success ? { tls: absoluteTls(tls.data, folder) } : {};
  return { ok: false, problems: [...new Set(problems)], ...readable };
}

/** Whether a value holds itself, or others to more levels than any section has. */
function isDeep(value: unknown, around: readonly unknown[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (around.length >= maxDepth || around.includes(value)) return true;
  return Object.values(value).some((item) => isDeep(item, [...around, value]));
}

function faultsOf(issue: z.core.$ZodIssue, value: unknown): readonly ConfigFault[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code !== 'unrecognized_keys') {
    const isMissing = valueAt(value, path) === undefined;
    return [{ path, message: isMissing ? `is missing; it ${issue.message}` : issue.message }];
  }
  const known = configKeys.get(path.filter((step) => typeof step === 'string').join('.')) ?? [];
  return issue.keys.map((key) => {
    const meant = nearestName(key, known);
    const message = `there is no such key; ${meant === undefined ? `there are ${known.join(', ')}` : `did you mean ${meant}?`}`;
    return { path: [...path, key], message };
  });
}

function valueAt(value: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<string | number, unknown> | null | undefined)?.[step], value);
}

function secretsInComments(text: string, name: string): readonly string[] {
  return text.split('\n').flatMap((line, index) => {
    const [, comment = ''] = /(?:^|\s)#(.*)$/.exec(line) ?? [];
    const secret = secretIn(comment);
    return secret === undefined
      ? []
      : [`${name}:${index + 1}: a comment holds ${secret} in clear; take it out and revoke it`];
  });
}

/** Where the value of a path begins in the text, or the nearest thing around it that is there. */
function offsetOf(document: Document, path: ConfigPath): number {
  for (let length = path.length; length > 0; length--) {
    const at = path.slice(0, length);
    const parent = document.getIn(at.slice(0, -1), true);
    const pair = isMap(parent) ? parent.items.find((item) => isPair(item) && keyOf(item.key) === at.at(-1)) : undefined;
    const node = pair?.key ?? document.getIn(at, true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function keyOf(key: unknown): unknown {
  return typeof key === 'object' && key !== null && 'value' in key ? key.value : key;
}

/** A copy of `whole` with one value replaced. What is in the way and no section stays, for the schema to refuse. */
function withValue(whole: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) return value;
  if (whole !== undefined && whole !== null && (typeof whole !== 'object' || Array.isArray(whole))) return whole;
  const section = { ...whole } as Record<string, unknown>;
  return { ...section, [step]: withValue(section[step], rest, value) };
}

function withAbsolutePaths(config: ServiceConfig, folder: string): ServiceConfig {
  const { listen, records, prompts } = config;
  return {
    ...config,
    prompts: Object.fromEntries(Object.entries(prompts).map(([name, path]) => [name, path && resolve(folder, path)])),
    ...(listen.tls === undefined ? {} : { listen: { ...listen, tls: absoluteTls(listen.tls, folder) } }),
    ...(records === undefined ? {} : { records: { ...records, folder: resolve(folder, records.folder) } }),
  };
}

function absoluteTls({ certificate, key, clientAuthority }: TlsConfig, folder: string): TlsConfig {
  return {
    certificate: resolve(folder, certificate),
    key: resolve(folder, key),
    ...(clientAuthority === undefined ? {} : { clientAuthority: resolve(folder, clientAuthority) }),
  };
}
