import type { FuzzRandom } from './fuzz-random.ts';

type Container = unknown[] | Record<string, unknown>;

/** More than any socket takes. */
const mostCharacters = 300_000;

const oddValues: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  255,
  256,
  65_535,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53,
  1e308,
  -1e-7,
  '',
  ' ',
  '0',
  'constructor',
  '__proto__',
  '\u0000',
  '\ud800',
  '\u{1f4de}',
  'é'.repeat(64),
  'x'.repeat(129),
  [],
  {},
  [[]],
  { type: 'ping' },
];

/** A changed copy: a field dropped, retyped, at or beyond a bound, doubled, renamed, made huge, or put further inside. */
export function mutateJson(value: unknown, random: FuzzRandom): unknown {
  const copy = structuredClone(value);
  const places: (readonly [Container, string])[] = [];
  collect(copy, places);
  if (places.length === 0) return random.pick(oddValues);
  const [container, key] = random.pick(places);
  const fields = container as Record<string, unknown>;
  const old = fields[key];
  switch (random.int(10)) {
    case 0:
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else delete fields[key];
      break;
    case 1:
    case 2:
      set(container, key, structuredClone(random.pick(oddValues)));
      break;
    case 3:
      set(container, key, beyond(old, random));
      break;
    case 4:
      if (Array.isArray(container)) container.splice(Number(key), 0, structuredClone(old));
      else set(container, random.pick(['id', 'type', 'constructor', '__proto__', 'toString', `${key} `]), old);
      break;
    case 5:
      set(container, key, nested(old, random.pick([1, 2, 28, 31, 33, 40, 100])));
      break;
    case 6:
      set(container, key, 'x'.repeat(random.pick([127, 128, 129, 1_024, 1_025, 2_049, 20_000])));
      break;
    case 7: {
      const [other, name] = random.pick(places);
      set(container, key, structuredClone((other as Record<string, unknown>)[name]));
      break;
    }
    case 8:
      if (Array.isArray(container)) container.push(...Array.from({ length: random.pick([1, 3, 64, 200]) }, () => old));
      else for (let extra = 0; extra < random.pick([1, 40, 400]); extra++) fields[`f${extra}`] = extra;
      break;
    default:
      set(container, key, JSON.stringify(old));
  }
  // Whatever grows with every change soon fills the memory.
  return JSON.stringify(copy).length > mostCharacters ? value : copy;
}

/** The text of a message, perhaps changed as text: cut, flipped, doubled, with other numbers, escapes or spaces. */
export function mutateText(text: string, random: FuzzRandom): string {
  const at = random.int(text.length + 1);
  switch (random.int(12)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(at);
    case 2:
      return text.slice(0, at) + String.fromCharCode(random.int(0x1_0000)) + text.slice(at);
    case 3:
      return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << random.int(7))) + text.slice(at + 1);
    case 4:
      return (
        text.slice(0, at) + random.pick(['"', '\\', '{', '}', '[', ']', ',', ':', '\\u0000', '\n']) + text.slice(at)
      );
    case 5:
      return text.replaceAll(/-?\d+(\.\d+)?/g, (number) =>
        random.once(2) ? number : random.pick(['-0', '1e3', '1E400', '01', '4294967296', '9007199254740993', '0.5']),
      );
    case 6:
      return text.replace(/"(\w+)":/, (_, key: string) => `"${key}":${random.pick(['null', '1', '"x"'])},"${key}":`);
    case 7:
      return text.replaceAll(/[a-z]/g, (letter) =>
        random.once(6) ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter,
      );
    case 8:
      return text.replaceAll(/([:,])/g, `$1${random.pick([' ', '\t', '\n', '\u00a0', '\ufeff'])}`);
    case 9:
      return text + text;
    case 10:
      return `${'['.repeat(random.pick([5, 33, 100_000]))}${text}`;
    default:
      return `${text.slice(0, at)}${text.slice(at, at + 8).repeat(random.pick([2, 40]))}${text.slice(at)}`;
  }
}

function collect(value: unknown, places: (readonly [Container, string])[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    places.push([value as Container, key]);
    collect((value as Record<string, unknown>)[key], places);
  }
}

// A plain assignment to `__proto__` would change the object instead of its fields.
function set(container: Container, key: string, value: unknown): void {
  Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true });
}

function beyond(old: unknown, random: FuzzRandom): unknown {
  if (typeof old === 'number') return random.pick([old + 1, old - 1, -old, old * 2, old + 0.5, 2 ** 32 - 1, 2 ** 32]);
  if (typeof old === 'string') return random.pick([`${old}x`, old.slice(1), old.toUpperCase(), old + old, `\n${old}`]);
  return typeof old === 'boolean' ? !old : [old];
}

function nested(value: unknown, levels: number): unknown {
  let inside = value;
  for (let level = 0; level < levels; level++) inside = level % 2 === 0 ? [inside] : { inside };
  return inside;
}
