import { sha256Hex } from '../connectors/api-key.ts';
import type { Credential } from '../connectors/credential.ts';
import type { Offer } from './offer-router.ts';
import { randomToken } from './random-text.ts';

/** What a media token opens: one call for one control session. */
export interface MediaGrant {
  readonly offer: Offer;
  /** The control session that the offer was put to. */
  readonly clientId: string;
  /** That of the control session. The media connection must show a client certificate of the same name, or none where it has none. */
  readonly credential: Credential;
}

/** Media tokens not yet used. Only their hashes are held. */
export interface MediaTokens {
  /** A token for `grant`, good for one use while its offer is open. */
  issue(grant: MediaGrant): string;
  /** Uses a token up; `undefined` for an unknown, used, late or foreign one. A foreign use leaves it to its owner. */
  take(token: string, commonName: string | undefined): MediaGrant | undefined;
}

/** Creates an empty store. */
export function createMediaTokens(): MediaTokens {
  const grants = new Map<string, MediaGrant>();
  return {
    issue: (grant) => {
      const token = randomToken('mt');
      const hash = sha256Hex(token);
      grants.set(hash, grant);
      grant.offer.onSettled(() => grants.delete(hash));
      return token;
    },
    take: (token, commonName) => {
      const hash = sha256Hex(token);
      const grant = grants.get(hash);
      if (grant === undefined || grant.credential.certificate?.commonName !== commonName) return undefined;
      grants.delete(hash);
      return grant;
    },
  };
}
