import { inspect } from 'node:util';
import { SocketOpenError } from '@agentao/transport';
import { describe, expect, it } from 'vitest';
import { closeError, openError } from './connection-error.ts';
import { toError } from './errors.ts';
import { createLineLogger } from './line-logger.ts';
import { cleanerOf } from './peer-text.ts';
import { createBench } from './testing/bench.ts';

const key = 'ak_4f1d_TOPSECRET';
const hostile = { code: 'NO\u001b[31m', message: `bad header Bearer ${key}\nerror fake=line \u001b[2J\u202e` };

/** All that a person or a program may see of an error. */
function shown(error: Error): string {
  const lines: string[] = [];
  createLineLogger('debug', (line) => lines.push(line)).error({ err: error }, 'failed');
  return `${lines.join('\n')} ${error.message} ${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`;
}

describe('what a peer says', () => {
  it.each([
    ['a refusal', () => openRefused(JSON.stringify(hostile))],
    ['a refusal in no form', () => openRefused(`<p>${key}\n</p>`)],
    ['an answer that is none', () => openError(noAnswer(), cleanerOf(`Bearer ${key}`))],
  ])('in %s shows nobody the key that it was shown, not even its secret part', (_what, make) => {
    const text = shown(make());
    expect(text).not.toContain('TOPSECRET');
    expect(text).toContain('***');
  });

  it('begins no line and steers no terminal, in a message or in a code', () => {
    const error = openRefused(JSON.stringify(hostile));
    expect(error.message).toMatch(/Bearer \*\*\*\\u000aerror fake=line \\u001b\[2J\\u202e$/);
    expect(error.code).toBe('NO\\u001b[31m');
  });

  it('is no longer than a text of the protocol', () => {
    expect(cleanerOf(undefined)('x'.repeat(5_000))).toHaveLength(1_025);
  });

  it('stays as it is where it is harmless, whatever the key', () => {
    expect(cleanerOf('Bearer k')('the key is unknown')).toBe('the key is unknown');
    expect(closeError({ code: 4403, reason: '' }, { code: 'FORBIDDEN', message: 'no' }).message).toMatch(/ no$/);
  });

  it('in an error message of a control connection and in a refused command is cleaned too', async () => {
    const bench = createBench({ apiKey: key });
    const { call, peer } = await bench.call({ mediaToken: 'token-secret' });
    peer.onCommand = () => ({ code: 'INVALID_STATE', message: 'not\nnow, token-secret' });
    const refused = await bench.until(call.answer().then(() => expect.unreachable('answered'), toError));
    expect(refused.message).toBe('INVALID_STATE: not\\u000anow, ***');
    bench.peer.session.send({ type: 'error', code: 'FORBIDDEN', message: hostile.message });
    bench.peer.session.close('FORBIDDEN');
    await bench.pass();
    const [failed] = bench.logged('error');
    const text = inspect(failed, { depth: 9 });
    expect(text).toContain('***\\u000aerror fake=line');
    expect(text).not.toContain('TOPSECRET');
  });

  it('in a refused media connection is cleaned too', async () => {
    const bench = createBench();
    bench.client.on('call.incoming', () => undefined);
    await bench.until(bench.client.connect());
    await bench.pass();
    bench.peer.mediaRefusal = { status: 401, code: 'INVALID_TOKEN', message: 'no token-secret here' };
    bench.peer.offer({ mediaToken: 'token-secret' });
    await bench.pass();
    const text = inspect(bench.logged('error'), { depth: 9 });
    expect(text).toContain('INVALID_TOKEN');
    expect(text).not.toContain('token-secret');
  });
});

it('is a line of its own in the log, whatever is in a field', () => {
  const lines: string[] = [];
  const logger = createLineLogger('info', (line) => lines.push(line));
  logger.info({ sessionId: 's\nagentao error: fake', '\u001b[1m': 1 }, 'connected');
  expect(lines).toEqual(['agentao info: connected sessionId=s\\u000aagentao error: fake \\u001b[1m=1']);
});

function openRefused(body: string): ReturnType<typeof openError> {
  return openError(new SocketOpenError('REFUSED', 'refused', { status: 401, body }), cleanerOf(`Bearer ${key}`));
}

/** As Node says it of a peer that is no HTTP server. */
function noAnswer(): SocketOpenError {
  const rawPacket = Buffer.from(`220 ${key}`);
  const cause = Object.assign(new Error(`Parse Error: ${key}`), { code: 'HPE_INVALID_CONSTANT', rawPacket });
  return new SocketOpenError('PROTOCOL', `no answer: ${key}`, { cause });
}
