import { type Side, type SocketName, type WireSide, jsonSchemaOf, wireSockets } from './wire-sockets.ts';
import { subprotocols } from '../src/subprotocols.ts';

const socketNames = ['control', 'media', 'phone', 'monitor'] as const satisfies readonly SocketName[];

/** File name and text of the JSON Schema (draft 2020-12) of each socket: `$defs` client, switch and one per message. */
export function jsonSchemaFiles(): ReadonlyMap<string, string> {
  return new Map(socketNames.map((socket) => [`${socket}.json`, `${JSON.stringify(socketSchema(socket), null, 2)}\n`]));
}

function socketSchema(socket: SocketName): object {
  const sides = wireSockets[socket];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: subprotocols[socket],
    anyOf: [{ $ref: '#/$defs/client' }, { $ref: '#/$defs/switch' }],
    $defs: {
      client: anyOf('client', sides.client),
      switch: anyOf('switch', sides.switch),
      ...definitions('client', sides.client),
      ...definitions('switch', sides.switch),
    },
  };
}

function anyOf(side: Side, { schemas }: WireSide): object {
  return { anyOf: Object.keys(schemas).map((type) => ({ $ref: `#/$defs/${side}.${type}` })) };
}

function definitions(side: Side, { schemas }: WireSide): object {
  return Object.fromEntries(Object.entries(schemas).map(([type, schema]) => [`${side}.${type}`, jsonSchemaOf(schema)]));
}
