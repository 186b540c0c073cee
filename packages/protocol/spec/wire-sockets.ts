import * as z from 'zod/mini';
import {
  decodeControlClient,
  decodeControlSwitch,
  decodeMediaClient,
  decodeMediaSwitch,
  decodeMonitorClient,
  decodeMonitorSwitch,
  decodePhoneClient,
  decodePhoneSwitch,
} from '../src/codec.ts';
import { controlClientSchemas, controlSwitchSchemas } from '../src/control-schema.ts';
import { mediaClientSchemas, mediaSwitchSchemas } from '../src/media-schema.ts';
import { monitorClientSchemas, monitorSwitchSchemas } from '../src/monitor-schema.ts';
import { phoneClientSchemas, phoneSwitchSchemas } from '../src/phone-schema.ts';

/** Who sends a message. */
export type Side = 'client' | 'switch';

/** One side of one socket: the decoder of what it sends, and its schemas by message type. */
export interface WireSide {
  readonly decode: (text: string) => object;
  readonly schemas: Readonly<Record<string, z.ZodMiniType>>;
}

/** Name of a socket. */
export type SocketName = 'control' | 'media' | 'phone' | 'monitor';

/** Everything that travels as text. */
export const wireSockets: Readonly<Record<SocketName, Readonly<Record<Side, WireSide>>>> = {
  control: {
    client: { decode: decodeControlClient, schemas: controlClientSchemas },
    switch: { decode: decodeControlSwitch, schemas: controlSwitchSchemas },
  },
  media: {
    client: { decode: decodeMediaClient, schemas: mediaClientSchemas },
    switch: { decode: decodeMediaSwitch, schemas: mediaSwitchSchemas },
  },
  phone: {
    client: { decode: decodePhoneClient, schemas: phoneClientSchemas },
    switch: { decode: decodePhoneSwitch, schemas: phoneSwitchSchemas },
  },
  monitor: {
    client: { decode: decodeMonitorClient, schemas: monitorClientSchemas },
    switch: { decode: decodeMonitorSwitch, schemas: monitorSwitchSchemas },
  },
};

/** A JSON Schema, as far as it is looked into here. */
export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** The JSON Schema (draft 2020-12) of one message. */
export function jsonSchemaOf(schema: z.ZodMiniType): JsonSchema {
  const { $schema: _, ...definition } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
  return definition as JsonSchema;
}

/** Names of the fields of a message without `type`, in every alternative; not those of objects inside. */
export function fieldsOf({ properties = {}, anyOf = [], oneOf = [] }: JsonSchema): readonly string[] {
  const names = [...Object.keys(properties), ...[...anyOf, ...oneOf].flatMap(fieldsOf)];
  return [...new Set(names)].filter((name) => name !== 'type');
}
