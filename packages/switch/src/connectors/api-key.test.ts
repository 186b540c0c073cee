import { describe, expect, it } from 'vitest';
import { createApiKey, createOperatorToken, keyIdOf, matchesSha256, sha256Hex } from './api-key.ts';

describe('createApiKey', () => {
  it('gives a key of the documented form and a stored part without the secret', () => {
    const { key, stored } = createApiKey();
    expect(key).toMatch(/^ak_[0-9a-f]{16}_[0-9a-f]{64}$/);
    expect(keyIdOf(key)).toBe(stored.keyId);
    expect(stored.sha256).toBe(sha256Hex(key));
    expect(JSON.stringify(stored)).not.toContain(key.split('_')[2]);
  });

  it('gives another key each time', () => {
    expect(createApiKey().key).not.toBe(createApiKey().key);
  });
});

describe('matchesSha256', () => {
  it('is true for the very text that was hashed only', () => {
    const { token, sha256 } = createOperatorToken();
    expect(matchesSha256(token, sha256)).toBe(true);
    expect(matchesSha256(`${token}x`, sha256)).toBe(false);
    expect(matchesSha256('', sha256)).toBe(false);
  });

  it('is false for a hash of the wrong length', () => {
    expect(matchesSha256('a', sha256Hex('a').slice(2))).toBe(false);
  });
});

describe('keyIdOf', () => {
  it.each(['', 'ak_', 'ak__secret', 'ak_id', 'ak_id_', 'xk_id_secret', `ak_${'i'.repeat(65)}_secret`])(
    'finds no key id in %j',
    (text) => {
      expect(keyIdOf(text)).toBeUndefined();
    },
  );
});
