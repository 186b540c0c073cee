const placeholder = /\{([A-Za-z_][\w.]*)(:number)?\}/g;

/** What placeholders stand for. */
export interface PlaceholderValues {
  readonly captures: ReadonlyMap<string, string>;
  /** The last tool's answer. */
  readonly result: unknown;
  /** Told of each one that stands for nothing. */
  readonly onMissing: (path: string) => void;
}

/** The paths of all placeholders in a value's strings. */
export function placeholdersOf(value: unknown): string[] {
  if (typeof value === 'string') return [...value.matchAll(placeholder)].map(([, path]) => path ?? '');
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(placeholdersOf);
}

/** The text with its placeholders filled in; one that is missing leaves nothing. */
export function fillText(text: string, values: PlaceholderValues): string {
  return text.replace(placeholder, (_whole, path: string) => asText(valueOf(path, values)));
}

/** A value of JSON with the placeholders of all its strings filled in. A string that is one placeholder becomes the value itself. */
export function fillValue(value: unknown, values: PlaceholderValues): unknown {
  if (typeof value === 'string') {
    const [only] = value.matchAll(placeholder);
    if (only === undefined || only[0] !== value) return fillText(value, values);
    const [, path = '', number] = only;
    const found = valueOf(path, values) ?? '';
    return number === undefined ? found : Number(found);
  }
  if (Array.isArray(value)) return value.map((part) => fillValue(part, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fillValue(part, values)]));
}

function valueOf(path: string, { captures, result, onMissing }: PlaceholderValues): unknown {
  const [first = '', ...rest] = path.split('.');
  let value: unknown = first === 'result' ? result : captures.get(first);
  for (const key of rest) {
    value = typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
  }
  if (value === undefined) onMissing(path);
  return value;
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(asText).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
