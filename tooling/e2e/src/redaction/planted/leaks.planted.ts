import { createHash, generateKeyPairSync } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgenTaoClientConfig } from '@agentao/calls';
import { encode } from '@agentao/protocol';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { it } from 'vitest';

// Every kind of secret, used as the product and its tests use it, and then written where it does not belong. Run by redaction.test.ts alone,
// which expects the run to fail and one line per leak.

const { logger } = AgenTaoClientConfig.sandbox({ apiKey: 'planted-api-key', connectorUuid: 'c' });
const span = trace.getTracer('planted').startSpan('planted');

it('writes an API key from a configuration', () => {
  logger.info({ headers: { authorization: 'Bearer planted-api-key' } }, 'connecting');
});

it('writes a key that the switch was shown', () => {
  createHash('sha256').update('ak_0123_planted-secret-of-a-key').digest();
  logger.error(
    { err: new Error('refused', { cause: new Error('key planted-secret-of-a-key is unknown') }) },
    'refused',
  );
});

it('writes tokens from the wire', () => {
  encode({
    type: 'offer',
    offerId: 'o',
    callId: 'c',
    callerNumber: '+15557777',
    calleeNumber: '',
    direction: 'MT',
    mediaUrl: '/media',
    mediaToken: 'mt_planted-media-token',
    acceptWithinMs: 1,
  });
  span.setAttribute('planted.url', '/media?token=mt_planted-media-token');
  logger.warn({ callId: 'c' }, 'call of 15557777 offered');
});

it('writes a number that goes over no wire', () => {
  span.addEvent('dialled', { to: '+15558888' });
});

it('writes keys of a phone', () => {
  encode({ type: 'dtmf', id: 1, digits: '47' });
  encode({ type: 'dtmf', id: 2, digits: '90210' });
  logger.debug({ typed: '47' }, 'a message');
  logger.debug({}, 'the pin 90210 was typed');
  span.setAttribute('digit', 'x');
});

it('writes what an agent stores, and what it adds to the record', () => {
  encode({ type: 'context', id: 3, context: { allergies: ['planted peanuts'] } });
  encode({ type: 'annotate', id: 4, kind: 'turn', data: { text: 'a planted transcript' } });
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'no planted peanuts' });
  logger.info({ turn: { text: 'a planted transcript' } }, 'turn');
});

it('writes a private key that it has read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentao-planted-'));
  const file = join(folder, 'key.pem');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  logger.info({ pem: readFileSync(file, 'utf8') }, 'certificate read');
  rmSync(folder, { recursive: true });
});

it('writes a key in another process', async () => {
  const env = { ...process.env, AGENTAO_API_KEY: 'planted-key-of-a-child' };
  const source = 'console.error(`agentao warn: refused ${process.env.AGENTAO_API_KEY}`)';
  const child = spawn(process.execPath, ['--eval', source], { env, stdio: ['ignore', 'inherit', 'pipe'] });
  child.stderr.resume();
  await once(child, 'close');
});
