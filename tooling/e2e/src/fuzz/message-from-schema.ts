import type { FuzzRandom } from './fuzz-random.ts';
import { fitsSchema, type JsonSchema, resolveSchema } from './json-schema.ts';

const sampleTexts = ['1', 'x', '+15550000', '#', 'A', '/media', '', 'ä\u{1f4de}', 'a b', '0'.repeat(32), '\u0007'];

/** A value that `schema` allows, its numbers and texts at their bounds as often as not. */
export function valueFromSchema(given: JsonSchema, root: JsonSchema, random: FuzzRandom): unknown {
  const schema = resolveSchema(given, root);
  if ('const' in schema) return schema.const;
  if (schema.enum !== undefined) return random.pick(schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return valueFromSchema(random.pick(choices), root, random);
  switch (schema.type) {
    case 'object': {
      const fields: Record<string, unknown> = {};
      for (const [name, property] of Object.entries(schema.properties ?? {})) {
        const needed = schema.required?.includes(name) === true;
        if (needed || random.once(2)) fields[name] = valueFromSchema(property, root, random);
      }
      return fields;
    }
    case 'array': {
      const most = Math.min(schema.maxItems ?? 8, random.once(8) ? 64 : 4);
      return Array.from({ length: random.int(most + 1) }, () => valueFromSchema(schema.items ?? {}, root, random));
    }
    case 'string':
      return textFromSchema(schema, root, random);
    case 'integer':
    case 'number': {
      const { minimum = 0, maximum = 2 ** 32 } = schema;
      const fraction = schema.type === 'number' && random.once(2) ? 0.25 : 0;
      return random.pick([minimum, maximum, Math.min(maximum, minimum + random.int(1_000) + fraction)]);
    }
    case 'boolean':
      return random.once(2);
    case 'null':
      return null;
    default:
      return random.pick<unknown>([null, true, 'any', 7, [], { deep: [{ er: 1 }] }]);
  }
}

function textFromSchema(schema: JsonSchema, root: JsonSchema, random: FuzzRandom): string {
  const { minLength = 0, maxLength = 64 } = schema;
  const fill = random.pick(['x', '7', '+', 'é', '\u{1f4de}', ' ']);
  const candidates = [
    random.pick(sampleTexts),
    fill.repeat(maxLength).slice(0, maxLength),
    fill.repeat(minLength),
    random.pick(sampleTexts),
  ];
  const fitting = candidates.filter((text) => fitsSchema(text, schema, root));
  return fitting.length > 0 ? random.pick(fitting) : '1';
}
