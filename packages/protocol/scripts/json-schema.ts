import * as z from 'zod/mini';
import { controlClientSchemas, controlSwitchSchemas } from '../src/control-schema.ts';
import { mediaClientSchemas, mediaSwitchSchemas } from '../src/media-schema.ts';
import { monitorClientSchemas, monitorSwitchSchemas } from '../src/monitor-schema.ts';
import { phoneClientSchemas, phoneSwitchSchemas } from '../src/phone-schema.ts';
import { subprotocols } from '../src/subprotocols.ts';

type Schemas = Readonly<Record<string, z.ZodMiniType>>;
type Socket = keyof typeof subprotocols;

const sockets: Readonly<Record<Socket, { readonly client: Schemas; readonly switch: Schemas }>> = {
  control: { client: controlClientSchemas, switch: controlSwitchSchemas },
  media: { client: mediaClientSchemas, switch: mediaSwitchSchemas },
  phone: { client: phoneClientSchemas, switch: phoneSwitchSchemas },
  monitor: { client: monitorClientSchemas, switch: monitorSwitchSchemas },
};

/** File name and text of the JSON Schema (draft 2020-12) of each socket: `$defs` client, switch and one per message. */
export function jsonSchemaFiles(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(sockets).map(([socket, sides]) => [
      `${socket}.json`,
      `${JSON.stringify(socketSchema(subprotocols[socket as Socket], sides), null, 2)}\n`,
    ]),
  );
}

function socketSchema(title: string, sides: { readonly client: Schemas; readonly switch: Schemas }): unknown {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title,
    anyOf: [{ $ref: '#/$defs/client' }, { $ref: '#/$defs/switch' }],
    $defs: {
      client: anyOf('client', sides.client),
      switch: anyOf('switch', sides.switch),
      ...definitions('client', sides.client),
      ...definitions('switch', sides.switch),
    },
  };
}

function anyOf(side: string, schemas: Schemas): unknown {
  return { anyOf: Object.keys(schemas).map((type) => ({ $ref: `#/$defs/${side}.${type}` })) };
}

function definitions(side: string, schemas: Schemas): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schemas).map(([type, schema]) => {
      const { $schema: _, ...definition } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
      return [`${side}.${type}`, definition];
    }),
  );
}
