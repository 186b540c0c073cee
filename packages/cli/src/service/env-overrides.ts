import { resolve } from 'node:path';
import { nearestName } from './nearest-name.ts';

/** One variable: where its value goes, and what it is. */
export interface EnvOverride {
  readonly name: string;
  readonly path: readonly string[];
  readonly kind: 'text' | 'number' | 'switch' | 'file' | 'list';
}

const prefix = 'AGENTAO_SWITCH_';

/** The variables that stand above the file, as the page on operating has them. */
export const envOverrides: readonly EnvOverride[] = [
  { name: 'AGENTAO_SWITCH_HOST', path: ['listen', 'host'], kind: 'text' },
  { name: 'AGENTAO_SWITCH_PORT', path: ['listen', 'port'], kind: 'number' },
  { name: 'AGENTAO_SWITCH_PLAINTEXT', path: ['listen', 'plaintext'], kind: 'switch' },
  { name: 'AGENTAO_SWITCH_TLS_CERTIFICATE', path: ['listen', 'tls', 'certificate'], kind: 'file' },
  { name: 'AGENTAO_SWITCH_TLS_KEY', path: ['listen', 'tls', 'key'], kind: 'file' },
  { name: 'AGENTAO_SWITCH_TLS_CLIENT_AUTHORITY', path: ['listen', 'tls', 'clientAuthority'], kind: 'file' },
  { name: 'AGENTAO_SWITCH_OPERATIONS_HOST', path: ['operations', 'host'], kind: 'text' },
  { name: 'AGENTAO_SWITCH_OPERATIONS_PORT', path: ['operations', 'port'], kind: 'number' },
  { name: 'AGENTAO_SWITCH_OPERATIONS_PLAINTEXT', path: ['operations', 'plaintext'], kind: 'switch' },
  { name: 'AGENTAO_SWITCH_OPERATOR_TOKEN_SHA256', path: ['operators', 'tokenSha256'], kind: 'text' },
  { name: 'AGENTAO_SWITCH_OPERATOR_HOSTS', path: ['operators', 'hosts'], kind: 'list' },
  { name: 'AGENTAO_SWITCH_RECORDS_FOLDER', path: ['records', 'folder'], kind: 'file' },
  { name: 'AGENTAO_SWITCH_SHEDDING', path: ['shedding'], kind: 'switch' },
  { name: 'AGENTAO_SWITCH_METRICS', path: ['metrics'], kind: 'switch' },
  { name: 'AGENTAO_SWITCH_LOG_LEVEL', path: ['log', 'level'], kind: 'text' },
  { name: 'AGENTAO_SWITCH_DRAIN_MS', path: ['drainMs'], kind: 'number' },
];

/** Names the file itself where `--config` does not. */
export const configVariable = 'AGENTAO_SWITCH_CONFIG';

/** What the environment says. */
export interface EnvValues {
  /** The variables that are set, with what they stand for. */
  readonly values: readonly { readonly override: EnvOverride; readonly value: unknown }[];
  /** Lines about variables that there are not. */
  readonly problems: readonly string[];
}

/** Reads the overrides; an empty variable counts as none. A value that is not of its kind stays text, for the schema to refuse. */
export function readEnv(env: NodeJS.ProcessEnv, cwd: string): EnvValues {
  const known = new Map(envOverrides.map((override) => [override.name, override]));
  const values: { override: EnvOverride; value: unknown }[] = [];
  const problems: string[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(prefix) || name === configVariable || text === undefined || text === '') continue;
    const override = known.get(name);
    if (override !== undefined) {
      values.push({ override, value: valueOf(override, text, cwd) });
      continue;
    }
    const meant = nearestName(name, [...known.keys(), configVariable]);
    problems.push(`${name}: there is no such variable${meant === undefined ? '' : `; did you mean ${meant}?`}`);
  }
  return { values, problems };
}

function valueOf({ kind }: EnvOverride, text: string, cwd: string): unknown {
  switch (kind) {
    case 'number':
      return /^\d+$/.test(text) ? Number(text) : text;
    case 'switch':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'file':
      return resolve(cwd, text);
    case 'list':
      return text.split(',').map((item) => item.trim());
    default:
      return text;
  }
}
