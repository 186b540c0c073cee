import type { Place, Said } from './said.ts';
import type { Secret, SecretKind } from './secrets.ts';

/** How many characters of a secret are looked up at once; none that is looked for inside of texts is shorter. */
const gram = 4;

/** One line per leak: what leaked, masked, and where. */
export function findLeaks(secrets: readonly Secret[], said: Said): readonly string[] {
  const leaks = new Set<string>();
  const byStart = new Map<string, Secret[]>();
  const keys = new Set<string>();
  for (const secret of secrets) {
    // A star alone is also what is left of a short number.
    if (secret.kind === 'digits' && secret.value !== '*') keys.add(secret.value);
    if (secret.value.length < gram) continue;
    const start = secret.value.slice(0, gram);
    byStart.set(start, [...(byStart.get(start) ?? []), secret]);
  }
  const tell = (what: string, { origin, field }: Place): void => {
    let line = `${what} in ${field} of the ${origin}`;
    for (const { kind, value } of secrets) if (value.length >= gram) line = line.replaceAll(value, mask(kind, value));
    leaks.add(line);
  };
  for (const place of said.digitFields) tell('a name for digits', place);
  for (const [text, place] of said.values) {
    if (keys.has(text)) tell(describe({ kind: 'digits', value: text }), place);
    for (let at = 0; at + gram <= text.length; at++) {
      for (const secret of byStart.get(text.slice(at, at + gram)) ?? []) {
        if (text.startsWith(secret.value, at) && isWhole(secret, text, at)) tell(describe(secret), place);
      }
    }
  }
  return [...leaks];
}

/** Digits are part of many a name; alone they are not. */
function isWhole({ kind, value }: Secret, text: string, at: number): boolean {
  if (kind !== 'digits') return true;
  const beside = text.slice(Math.max(0, at - 1), at) + text.slice(at + value.length, at + value.length + 1);
  return !/[\w.:-]/.test(beside);
}

function describe({ kind, value }: Secret): string {
  // All lines of a file in PEM are one leak.
  return kind === 'private key or certificate' ? kind : `${kind} ${mask(kind, value)} (${value.length} characters)`;
}

function mask(kind: SecretKind, value: string): string {
  if (kind === 'phone number') return `*${value.slice(-2)}`;
  return kind === 'digits' ? '*' : `${value.slice(0, 3)}…`;
}
