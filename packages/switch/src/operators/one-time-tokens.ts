import type { Clock } from '@agentao/clock';
import { sha256Hex } from '../connectors/api-key.ts';
import { randomToken } from '../offers/random-text.ts';

/** Secrets that open something once and within their time. Only their hashes are held. */
export interface OneTimeTokens<Grant> {
  /** A fresh token for `grant`. Overflow policy: the owner's oldest unused one goes. */
  issue(grant: Grant, lifetimeMs: number): string;
  /** Uses a token up; `undefined` for an unknown, used or expired one. */
  take(token: string): Grant | undefined;
  /** Forgets the unused tokens of `owner`. */
  forget(owner: unknown): void;
}

/** What a store is made of. */
export interface OneTimeTokensOptions<Grant> {
  readonly clock: Clock;
  /** First letters of a token, which tell what it is. */
  readonly prefix: string;
  /** Most unused tokens of one owner. */
  readonly perOwner: number;
  /** Whom a token counts for. */
  readonly ownerOf: (grant: Grant) => unknown;
}

/** Creates an empty store. */
export function createOneTimeTokens<Grant>(options: OneTimeTokensOptions<Grant>): OneTimeTokens<Grant> {
  const { clock, prefix, perOwner, ownerOf } = options;
  // In order of issue, so that the first of an owner is its oldest.
  const unused = new Map<string, { readonly grant: Grant; readonly expiresAtMs: number }>();

  const dropExpired = (): void => {
    for (const [hash, { expiresAtMs }] of unused) if (clock.now() >= expiresAtMs) unused.delete(hash);
  };
  const ofOwner = (owner: unknown): string[] =>
    [...unused].flatMap(([hash, { grant }]) => (ownerOf(grant) === owner ? [hash] : []));

  return {
    issue: (grant, lifetimeMs) => {
      dropExpired();
      const own = ofOwner(ownerOf(grant));
      for (const hash of own.slice(0, Math.max(0, own.length + 1 - perOwner))) unused.delete(hash);
      const token = randomToken(prefix);
      unused.set(sha256Hex(token), { grant, expiresAtMs: clock.now() + lifetimeMs });
      return token;
    },
    take: (token) => {
      const hash = sha256Hex(token);
      const found = unused.get(hash);
      unused.delete(hash);
      return found !== undefined && clock.now() < found.expiresAtMs ? found.grant : undefined;
    },
    forget: (owner) => {
      for (const hash of ofOwner(owner)) unused.delete(hash);
    },
  };
}
