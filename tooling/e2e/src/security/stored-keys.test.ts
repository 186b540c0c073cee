import crypto, { createHash } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { paths, subprotocols } from '@agentao/protocol';
import { createApiKey } from '@agentao/switch';
import { describe, expect, it } from 'vitest';
import { openAttackedSwitch } from './attacked-switch.ts';
import { openRawLine, upgradeText } from './raw-line.ts';

/** Shows something as a bearer token; resolves with the status of the answer. */
async function show(port: number, token: string, socket: 'control' | 'phone' = 'control'): Promise<string> {
  const line = await openRawLine(port);
  const lines = ['Host: 127.0.0.1', `Authorization: Bearer ${token}`];
  line.write(upgradeText({ path: paths[socket], subprotocol: subprotocols[socket], lines }));
  const answer = await line.gets(/^HTTP\/1\.1 \d+ [^]*\r\n\r\n/);
  line.tcp.destroy();
  return answer.split(' ')[1] ?? '';
}

/** Runs `action`, and tells what was compared with `timingSafeEqual` meanwhile, in bytes. */
async function comparedWhile(action: () => Promise<unknown>): Promise<readonly (readonly [number, number])[]> {
  const compared: (readonly [number, number])[] = [];
  const original = crypto.timingSafeEqual;
  crypto.timingSafeEqual = (a, b) => {
    compared.push([a.byteLength, b.byteLength]);
    return original(a, b);
  };
  syncBuiltinESMExports();
  try {
    await action();
  } finally {
    crypto.timingSafeEqual = original;
    syncBuiltinESMExports();
  }
  return compared;
}

describe('what the switch keeps of a key', () => {
  it('is its id and the SHA-256 of it, from which it cannot be had and which open nothing', async () => {
    await using attacked = await openAttackedSwitch();
    const { key, operator, port } = attacked;
    const sha256 = createHash('sha256').update(key.key).digest('hex');
    expect(key.stored).toEqual({ keyId: expect.any(String), sha256 });
    const { keyId } = key.stored;
    for (const text of [sha256, `ak_${keyId}_${sha256}`, `ak_${keyId}_`, operator.sha256, `op_${operator.sha256}`]) {
      expect([text, await show(port, text)]).toEqual([text, '401']);
      expect([text, await show(port, text, 'phone')]).toEqual([text, '401']);
    }
    expect(await show(port, key.key)).toBe('101');
    expect(await show(port, operator.token, 'phone')).toBe('101');
    for (const secret of [key.key, operator.token, sha256, operator.sha256]) expect(attacked.log).not.toContain(secret);
  });

  it('is 256 random bits of it: no two have a half in common', () => {
    const halves = Array.from({ length: 200 }, () => createApiKey().key.split('_')[2] ?? '').flatMap((secret) => {
      expect(secret).toMatch(/^[0-9a-f]{64}$/);
      return [secret.slice(0, 32), secret.slice(32)];
    });
    expect(new Set(halves).size).toBe(halves.length);
  });
});

describe('the comparison of a key', () => {
  it('is one of two digests in constant time, for the right key, a wrong secret, an unknown id and what is no key alike', async () => {
    await using attacked = await openAttackedSwitch();
    const { key, port } = attacked;
    const shown = [
      [key.key, '101'],
      [`${key.key.slice(0, -1)}${key.key.endsWith('0') ? '1' : '0'}`, '401'],
      [`${key.key}0`, '401'],
      [createApiKey().key, '401'],
      ['hello', '401'],
    ] as const;
    for (const [text, status] of shown) {
      const compared = await comparedWhile(async () => expect(await show(port, text)).toBe(status));
      // The operators look too: theirs is the first of the two.
      expect(compared.at(-1)).toEqual([32, 32]);
      expect(compared).toHaveLength(2);
    }
  });

  it('says nothing of which part was wrong: every answer is the same to the letter', async () => {
    await using attacked = await openAttackedSwitch();
    const { key, port } = attacked;
    const answers = new Set<string>();
    for (const text of [`${key.key}0`, createApiKey().key, 'hello', `ak_${key.stored.keyId}_wrong`]) {
      const line = await openRawLine(port);
      line.write(upgradeText({ lines: ['Host: 127.0.0.1', `Authorization: Bearer ${text}`] }));
      await line.hungUp();
      answers.add(line.received);
    }
    expect([...answers]).toHaveLength(1);
  });
});
