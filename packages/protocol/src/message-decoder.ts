import type * as z from 'zod/mini';
import { badMessage, type JsonMessage } from './json-message.ts';
import type { SchemaTable } from './message-schema.ts';

/** A message, or an event inside one, of a type this version does not know. To be ignored. */
export interface UnknownMessage {
  readonly type: 'unknown';
  /** The type it gave, cut to 64 characters. */
  readonly name: string;
  /** Of an unknown event only: its sequence number, which counts as received. */
  readonly seq?: number;
}

/** What became of one message: accepted, of a type that is not in the table, or with wrong fields. */
export type Outcome<Message> =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'unknown'; readonly name: string }
  | { readonly kind: 'invalid'; readonly problem: string };

/** Checks parsed messages against the schemas of one socket and direction. */
export type MessageDecoder<Message> = (value: JsonMessage) => Outcome<Message>;

const nameLength = 64;

/** Makes the decoder for a table of schemas. Problems name the field and the rule, never the value. */
export function createMessageDecoder<Message extends { readonly type: string }>(
  table: SchemaTable<Message>,
): MessageDecoder<Message> {
  const schemas = new Map(Object.entries<z.ZodMiniType<Message>>(table));
  return (value) => {
    const schema = schemas.get(value.type);
    if (schema === undefined) return { kind: 'unknown', name: value.type.slice(0, nameLength) };
    const parsed = schema.safeParse(value);
    if (parsed.success) return { kind: 'message', message: parsed.data };
    return { kind: 'invalid', problem: describe(value.type, parsed.error.issues[0]) };
  };
}

/** The message, or `unknown`. Throws ProtocolError BAD_MESSAGE for wrong fields. */
export function acceptOrIgnore<Message>(outcome: Outcome<Message>): Message | UnknownMessage {
  if (outcome.kind === 'invalid') throw badMessage(outcome.problem);
  return outcome.kind === 'message' ? outcome.message : { type: 'unknown', name: outcome.name };
}

function describe(type: string, issue: z.core.$ZodIssue | undefined): string {
  const field = issue === undefined || issue.path.length === 0 ? type : `${type}.${issue.path.join('.')}`;
  return `${field}: ${issue === undefined ? 'not valid' : rule(issue)}`;
}

function rule(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type')
    return `must be ${issue.expected === 'int' ? 'a whole number' : `of type ${issue.expected}`}`;
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}${unit(issue.origin)}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}${unit(issue.origin)}`;
  if (issue.code === 'invalid_value') return `must be ${issue.values.map(String).join(', ')}`;
  return issue.code === 'custom' ? issue.message : 'not valid';
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}
