import { readFileSync } from 'node:fs';

/** The part of JSON Schema 2020-12 that the protocol's schemas use. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** The four sockets. */
export type SocketName = 'control' | 'media' | 'phone' | 'monitor';

/** All of them. */
export const socketNames: readonly SocketName[] = ['control', 'media', 'phone', 'monitor'];

const protocolFiles = new URL('../', import.meta.resolve('@agentao/protocol/schema/control.json'));

/** The published schema of a socket. */
export function readSchema(name: SocketName): JsonSchema {
  return JSON.parse(readFileSync(new URL(`schema/${name}.json`, protocolFiles), 'utf8')) as JsonSchema;
}

/** The golden texts of a socket, right and wrong ones, by who says them. */
export function readVectors(
  name: SocketName,
): readonly { readonly from: 'client' | 'switch'; readonly text: string }[] {
  const { texts } = JSON.parse(readFileSync(new URL(`vectors/${name}.json`, protocolFiles), 'utf8')) as {
    readonly texts: readonly { readonly from: 'client' | 'switch'; readonly text: string }[];
  };
  return texts;
}

/** What a schema stands for once its reference is followed. */
export function resolveSchema(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const [, name] = /^#\/\$defs\/(.*)$/.exec(schema.$ref ?? '') ?? [];
  return name === undefined ? schema : resolveSchema(root.$defs?.[name] ?? {}, root);
}

/** Whether a parsed JSON value is what `schema` says. Lengths of text count UTF-16 code units, as the protocol does. */
export function fitsSchema(value: unknown, given: JsonSchema, root: JsonSchema): boolean {
  const schema = resolveSchema(given, root);
  const fits = (part: unknown, by: JsonSchema): boolean => fitsSchema(part, by, root);
  if (schema.anyOf !== undefined && !schema.anyOf.some((one) => fits(value, one))) return false;
  if (schema.oneOf !== undefined && schema.oneOf.filter((one) => fits(value, one)).length !== 1) return false;
  if ('const' in schema && value !== schema.const) return false;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return false;
  if (schema.type !== undefined && !isOfType(value, schema.type)) return false;
  if (typeof value === 'string') return textFits(value, schema);
  if (typeof value === 'number') return value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity);
  if (Array.isArray(value)) {
    const { items, maxItems = Infinity } = schema;
    return value.length <= maxItems && (items === undefined || value.every((item) => fits(item, items)));
  }
  if (typeof value !== 'object' || value === null) return true;
  const fields = value as Readonly<Record<string, unknown>>;
  if (schema.required?.some((name) => !Object.hasOwn(fields, name)) === true) return false;
  const properties = Object.entries(schema.properties ?? {});
  return properties.every(([name, property]) => !Object.hasOwn(fields, name) || fits(fields[name], property));
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'integer') return Number.isSafeInteger(value);
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value);
  return typeof value === type;
}

const patterns = new Map<string, RegExp>();

function textFits(text: string, { minLength = 0, maxLength = Infinity, pattern }: JsonSchema): boolean {
  if (text.length < minLength || text.length > maxLength) return false;
  if (pattern === undefined) return true;
  const known = patterns.get(pattern) ?? new RegExp(pattern, 'u');
  patterns.set(pattern, known);
  return known.test(text);
}
