import type { Clock } from '@agentao/clock';
import { sha256Hex } from '../connectors/api-key.ts';
import { randomToken } from '../offers/random-text.ts';

/**
 * The tokens that open media connections again. One is used up when the agent has shown that it has the one after it: until then
 * the connection that it opened may have been lost before its first word. Only hashes are held.
 */
export interface ResumeTokens<Owner extends object> {
  /** The next token of `owner`. */
  issue(owner: Owner): string;
  /** Whose token that is; `undefined` for an unknown or used one, and for one that is no longer kept. */
  find(token: string): Owner | undefined;
  /** The owner has shown that it has `token`: what was issued before is used up. */
  shown(owner: Owner, token: string): void;
  /** The owner has no further use for its tokens; they are known for a while longer. */
  retire(owner: Owner, forMs: number): void;
  /** Forgets all tokens of an owner. */
  forget(owner: Owner): void;
  /** Forgets all tokens of the owners that `isIt` says so of. */
  forgetAll(isIt: (owner: Owner) => boolean): void;
}

/** Tokens of one owner known at once: as many attempts as fail within one outage, and more. */
const tokensPerOwner = 64;

/** Makes an empty store. Overflow policy: of too many unused tokens of one owner, the second oldest goes. */
export function createResumeTokens<Owner extends object>(clock: Clock): ResumeTokens<Owner> {
  const owners = new Map<string, Owner>();
  const hashesOf = new Map<Owner, string[]>();
  const retired = new Map<Owner, number>();

  const forget = (owner: Owner): void => {
    for (const hash of hashesOf.get(owner) ?? []) owners.delete(hash);
    hashesOf.delete(owner);
    retired.delete(owner);
  };

  const sweep = (): void => {
    const nowMs = clock.now();
    for (const [owner, untilMs] of retired) if (untilMs <= nowMs) forget(owner);
  };

  return {
    issue(owner) {
      sweep();
      const token = randomToken('rt');
      const hash = sha256Hex(token);
      const hashes = hashesOf.get(owner) ?? [];
      hashes.push(hash);
      if (hashes.length > tokensPerOwner) for (const oldest of hashes.splice(1, 1)) owners.delete(oldest);
      hashesOf.set(owner, hashes);
      owners.set(hash, owner);
      return token;
    },
    find(token) {
      sweep();
      return owners.get(sha256Hex(token));
    },
    shown(owner, token) {
      const hashes = hashesOf.get(owner) ?? [];
      const index = hashes.indexOf(sha256Hex(token));
      for (const hash of hashes.splice(0, Math.max(0, index))) owners.delete(hash);
    },
    retire: (owner, forMs) => {
      if (hashesOf.has(owner)) retired.set(owner, clock.now() + forMs);
    },
    forget,
    forgetAll: (isIt) => {
      for (const owner of [...hashesOf.keys()].filter(isIt)) forget(owner);
    },
  };
}
