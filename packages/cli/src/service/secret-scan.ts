import type { ConfigFault, ConfigPath } from './service-config.ts';

const advice = {
  'an API key':
    'keep only its SHA-256 here: agentao keys create makes a key and stores that; this one is to be revoked',
  'an operator token': 'keep only its SHA-256 here: agentao keys create --operator makes one and stores that',
  'a private key': 'put it into a file of its own that only the switch may read (mode 0600), and write its path here',
  'a secret of another service': 'the switch needs none; take it out and replace it where it is used',
} as const;

type Secret = keyof typeof advice;

/** In parts where the text itself would be taken for a secret. */
const patterns: readonly (readonly [RegExp, Secret])[] = [
  [/ak_[0-9A-Za-z-]{1,64}_[0-9A-Za-z]{16,}/, 'an API key'],
  [/op_[0-9a-f]{32,}/, 'an operator token'],
  [new RegExp(['BEGIN [A-Z ]*', 'PRIVATE', ' KEY'].join('')), 'a private key'],
  [
    /\b(sk-[0-9A-Za-z_-]{20,}|AIza[0-9A-Za-z_-]{30,}|gh[pousr]_[0-9A-Za-z]{30,}|AKIA[0-9A-Z]{16})/,
    'a secret of another service',
  ],
  [/\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\./, 'a secret of another service'],
];

/** What kind of secret a text holds, if it does. */
export function secretIn(text: string): Secret | undefined {
  return patterns.find(([pattern]) => pattern.test(text))?.[1];
}

/** Finds secrets among the values and the keys of a parsed file, whatever they are called. */
export function secretFaults(value: unknown, path: ConfigPath = []): readonly ConfigFault[] {
  if (typeof value === 'string') {
    const secret = secretIn(value);
    return secret === undefined ? [] : [{ path, message: `holds ${secret} in clear; ${advice[secret]}` }];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => secretFaults(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const secret = secretIn(key);
    if (secret === undefined) return secretFaults(item, [...path, key]);
    return [{ path, message: `has ${secret} for a key; ${advice[secret]}` }];
  });
}
