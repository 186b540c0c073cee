import { z } from 'zod';
import type { ServiceConfig, TlsConfig } from './service-config.ts';

const hex64 = /^[0-9a-f]{64}$/;
const hostName = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)$/;

const text = (what: string): z.ZodString => z.string({ error: what });
const sha256 = (of: string): z.ZodString => {
  const error = `must be the SHA-256 of ${of}, 64 hex digits in lower case, in quotes`;
  return text(error).regex(hex64, { error });
};
const port = (): z.ZodNumber => {
  const error = 'must be a port, a whole number from 0 to 65535';
  return z.int({ error }).min(0, { error }).max(65_535, { error });
};
const positive = (): z.ZodNumber => {
  const error = 'must be a number above 0';
  return z.number({ error }).positive({ error });
};
const whole = (): z.ZodNumber => {
  const error = 'must be a whole number above 0';
  return z.int({ error }).positive({ error });
};
const milliseconds = (): z.ZodNumber => {
  const error = 'must be milliseconds, a whole number above 0 and below 2147483648';
  return z.int({ error }).positive({ error }).max(2_147_483_647, { error });
};
const onOff = (): z.ZodBoolean => z.boolean({ error: 'must be true or false' });
const file = (): z.ZodString => {
  const error = 'must be the path of a PEM file';
  return text(error).min(1, { error });
};
const folder = (): z.ZodString => {
  const error = 'must be the path of a folder';
  return text(error).min(1, { error });
};
const wav = (): z.ZodString => {
  const error = 'must be the path of a WAV file';
  return text(error).min(1, { error });
};
const section = 'must be a section with keys of its own';
const list = 'must be a list';

const tlsShape = { certificate: file(), key: file(), clientAuthority: file().optional() };
const address = {
  host: text('must be an address of this machine, such as 127.0.0.1 or 0.0.0.0').min(1, { error: 'must not be empty' }),
  port: port(),
  plaintext: onOff().default(false),
};
const listenShape = {
  ...address,
  host: address.host.default('127.0.0.1'),
  port: address.port.default(7350),
  tls: z.strictObject(tlsShape, { error: section }).optional(),
};
const operationsShape = { ...address, host: address.host.default('127.0.0.1'), port: address.port.default(7351) };
const hostError = 'must be a host name without a port';
const operatorsShape = {
  tokenSha256: sha256('the operator token (agentao keys create --operator)'),
  hosts: z.array(text(hostError).regex(hostName, { error: hostError }), { error: list }).default([]),
  dev: onOff().default(false),
};
const idError = 'must be 1 to 64 letters, digits and hyphens, in quotes: the part between ak_ and the secret';
const nameError = 'must be a text of 1 to 128 characters';
const keyShape = {
  id: text(idError).regex(/^[0-9A-Za-z-]{1,64}$/, { error: idError }),
  sha256: sha256('the whole API key (agentao keys create)'),
  name: text(nameError).min(1, { error: nameError }).max(128, { error: nameError }).optional(),
};
const limitsShape = {
  maxCalls: whole().optional(),
  callsPerSecond: positive().optional(),
  maxPendingMs: milliseconds().optional(),
  maxCallMs: milliseconds().optional(),
  agentlessRingMs: milliseconds().optional(),
};
const takeoverShape = { connected: onOff().default(false) };
const retentionShape = { maxAgeDays: positive().optional(), maxBytes: whole().optional() };
const recordsShape = {
  folder: folder(),
  retention: z.strictObject(retentionShape, { error: section }).prefault({}),
};
const promptsShape = {
  nobodyLeft: wav().optional(),
  shuttingDown: wav().optional(),
  recordingNotice: wav().optional(),
};
const numberError =
  "must be a number in quotes: digits, with an optional + before and * after them ('+15559999', '+1555*', '*')";
const uuidError = 'must be a text of 1 to 128 characters, none of them a control character, such as a UUID';
const commonNameError = 'must be the common name of client certificates, 1 to 128 characters';
const connectorShape = {
  uuid: text(uuidError).regex(/^[^\p{Cc}\p{Zl}\p{Zp}]{1,128}$/u, { error: uuidError }),
  numbers: z
    .array(text(numberError).regex(/^(\*|\+?[0-9]+\*?)$/, { error: numberError }), { error: list })
    .min(1, { error: 'must have one number at least; "*" is every number' }),
  keys: z.array(z.strictObject(keyShape, { error: section }), { error: list }).default([]),
  certificates: z
    .array(text(commonNameError).regex(/^[^\p{Cc}]{1,128}$/u, { error: commonNameError }), { error: list })
    .default([]),
  revokedCertificates: z.array(sha256('the public key of a certificate'), { error: list }).default([]),
  limits: z.strictObject(limitsShape, { error: section }).prefault({}),
  recording: onOff().default(false),
  consentTone: onOff().default(true),
  takeover: z.strictObject(takeoverShape, { error: section }).prefault({}),
};
const serverLimitsShape = {
  socketsPerAddress: whole().optional(),
  sessionsPerKey: whole().optional(),
  monitors: whole().optional(),
};
const logShape = {
  level: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], { error: 'must be debug, info, warn, error or silent' })
    .default('info'),
};
const rootShape = {
  listen: z.strictObject(listenShape, { error: section }).prefault({}),
  operations: z.strictObject(operationsShape, { error: section }).optional(),
  operators: z.strictObject(operatorsShape, { error: section }).optional(),
  connectors: z.array(z.strictObject(connectorShape, { error: section }), { error: list }).default([]),
  records: z.strictObject(recordsShape, { error: section }).optional(),
  prompts: z.strictObject(promptsShape, { error: section }).prefault({}),
  limits: z.strictObject(serverLimitsShape, { error: section }).prefault({}),
  shedding: onOff().default(true),
  metrics: onOff().default(true),
  log: z.strictObject(logShape, { error: section }).prefault({}),
  drainMs: milliseconds().default(300_000),
};

/** The shape of a configuration; what several keys have to do with each other is in `config-rules.ts`. */
export const configSchema: z.ZodType<ServiceConfig> = z.strictObject(rootShape, { error: 'must be keys with values' });

/** The section `listen.tls` by itself. */
export const tlsSchema: z.ZodType<TlsConfig> = z.strictObject(tlsShape);

/** The keys of each section, by its path without numbers. */
export const configKeys: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    '': rootShape,
    listen: listenShape,
    'listen.tls': tlsShape,
    operations: operationsShape,
    operators: operatorsShape,
    connectors: connectorShape,
    'connectors.keys': keyShape,
    'connectors.limits': limitsShape,
    'connectors.takeover': takeoverShape,
    records: recordsShape,
    'records.retention': retentionShape,
    prompts: promptsShape,
    limits: serverLimitsShape,
    log: logShape,
  }).map(([path, shape]) => [path, Object.keys(shape)]),
);
