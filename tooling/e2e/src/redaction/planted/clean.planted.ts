import { AgenTaoClientConfig } from '@agentao/calls';
import { encode } from '@agentao/protocol';
import { expect, it } from 'vitest';

// The same kinds of secrets, and nothing of them written.

it('writes what is no secret', () => {
  const { logger } = AgenTaoClientConfig.sandbox({ apiKey: 'planted-api-key', connectorUuid: 'c' });
  encode({ type: 'dtmf', id: 1, digits: '4' });
  encode({ type: 'context', id: 3, context: { allergies: ['planted peanuts'] } });
  logger.info({ callId: 'call_47', callerNumber: '*77', atMs: 4, closeCode: 4400, party: 'caller' }, 'call 4 arrived');
  expect('+15557777').toHaveLength(9);
});
