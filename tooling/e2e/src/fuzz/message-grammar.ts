import type { FuzzRandom } from './fuzz-random.ts';
import { fitsSchema, type JsonSchema, readSchema, readVectors, type SocketName, socketNames } from './json-schema.ts';
import { valueFromSchema } from './message-from-schema.ts';
import { mutateJson, mutateText } from './mutate-json.ts';

/** Who says a message. */
export type Speaker = 'client' | 'switch';

/** Makes the texts that may come over a socket: from its schema, from the golden vectors, and from those by changing them. */
export interface MessageGrammar {
  /** A right message of a type, or of any. */
  valid(place: Place, random: FuzzRandom, type?: string): Record<string, unknown>;
  /** Any text: often right, often nearly right. */
  text(place: Place, random: FuzzRandom): string;
  /** Whether a parsed value is a message of the published schema. */
  fits(place: Place, value: unknown): boolean;
  /** The types of message there. */
  types(place: Place): readonly string[];
}

/** A socket and who speaks on it. */
export interface Place {
  readonly socket: SocketName;
  readonly from: Speaker;
}

/** Makes the grammar of all four sockets. */
export function createMessageGrammar(): MessageGrammar {
  const schemas = new Map(socketNames.map((name) => [name, readSchema(name)]));
  const vectors = new Map(socketNames.map((name) => [name, readVectors(name)]));
  const rootOf = (name: SocketName): JsonSchema => schemas.get(name) as JsonSchema;

  const types = ({ socket, from }: Place): readonly string[] =>
    Object.keys(rootOf(socket).$defs ?? {})
      .filter((name) => name.startsWith(`${from}.`))
      .map((name) => name.slice(from.length + 1));

  const valid: MessageGrammar['valid'] = (place, random, type = random.pick(types(place))) => {
    const root = rootOf(place.socket);
    return valueFromSchema(root.$defs?.[`${place.from}.${type}`] ?? {}, root, random) as Record<string, unknown>;
  };

  return {
    types,
    valid,
    fits: ({ socket, from }, value) => {
      const root = rootOf(socket);
      return fitsSchema(value, root.$defs?.[from] ?? {}, root);
    },
    text: (place, random) => {
      const golden = (vectors.get(place.socket) ?? []).filter(({ from }) => from === place.from);
      if (random.once(3)) {
        const { text } = random.pick(golden);
        return random.once(4) ? text : mutateText(text, random);
      }
      let message: unknown = valid(place, random);
      const changes = random.pick([0, 0, 1, 1, 2, 4]);
      for (let change = 0; change < changes; change++) message = mutateJson(message, random);
      const text = JSON.stringify(message);
      return random.once(5) ? mutateText(text, random) : text;
    },
  };
}
