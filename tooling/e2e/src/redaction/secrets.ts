/** What a secret is, for the line that tells of its leak. */
export type SecretKind = 'token or key' | 'private key or certificate' | 'phone number' | 'text of a call' | 'digits';

/** A secret that was used, told apart from all else that was. */
export interface Secret {
  readonly kind: SecretKind;
  readonly value: string;
}

/** The secrets of one test file. */
export interface Secrets {
  readonly all: readonly Secret[];
  /** What opens something. Too short ones open nothing real. */
  token(value: unknown): void;
  /** Of a text in PEM its lines. */
  pem(text: string): void;
  /** A phone number of more than four digits, which are those that a log masks. */
  number(value: unknown): void;
  /** Every text in what an agent stores or adds to the record. */
  text(value: unknown): void;
  /** Keys of a phone, one or several. */
  digits(value: unknown): void;
}

const shortestToken = 8;
/** A text of a call that is shorter may as well be a word of the protocol. */
const shortestText = 10;
const deepest = 6;

/** Makes an empty collection. */
export function createSecrets(): Secrets {
  const found = new Map<string, SecretKind>();
  const add = (kind: SecretKind, value: string): void => {
    if (!found.has(value)) found.set(value, kind);
  };
  const text = (value: unknown, depth: number): void => {
    if (typeof value === 'string') {
      if (value.length >= shortestText) add('text of a call', value.slice(0, 200));
    } else if (typeof value === 'object' && value !== null && depth < deepest) {
      for (const inner of Object.values(value)) text(inner, depth + 1);
    }
  };
  return {
    get all() {
      return [...found].map(([value, kind]) => ({ value, kind }));
    },
    token(value) {
      if (typeof value !== 'string' || value.length < shortestToken) return;
      add('token or key', value);
      // Behind its prefix, and the public part of a key, comes the secret itself.
      const secret = /^(?:ak_[^_]+_|[a-z]{2}_)(.{16,})$/.exec(value)?.[1];
      if (secret !== undefined) add('token or key', secret);
    },
    pem(pem) {
      for (const line of pem.split('\n'))
        if (/^[A-Za-z0-9+/]{48,}$/.test(line)) add('private key or certificate', line);
    },
    number(value) {
      const digits = typeof value === 'string' ? value.replaceAll(/\D/g, '') : '';
      if (typeof value !== 'string' || digits.length < 5 || value.length > 40) return;
      add('phone number', value);
      // Without its plus a short one may be part of anything.
      if (digits.length >= 7) add('phone number', digits);
    },
    text: (value) => text(value, 0),
    digits(value) {
      if (typeof value === 'string' && /^[0-9A-D*#]{1,32}$/.test(value)) add('digits', value);
    },
  };
}
