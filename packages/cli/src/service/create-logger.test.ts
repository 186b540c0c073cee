import { describe, expect, it } from 'vitest';
import { createServiceLogger } from './create-logger.ts';

function createLines(level: 'info' | 'warn' = 'info') {
  const lines: string[] = [];
  const logger = createServiceLogger(level, { write: (line) => void lines.push(line) });
  return { lines, logger };
}

describe('the log', () => {
  it('is one JSON object a line, with level, time, call and message', () => {
    const { lines, logger } = createLines();
    logger.info({ callId: 'call_1', callerNumber: '*01' }, 'call arrived');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      callId: 'call_1',
      callerNumber: '*01',
      msg: 'call arrived',
    });
  });

  it('writes from its level on, which may change', () => {
    const { lines, logger } = createLines('warn');
    logger.info({}, 'not this');
    logger.setLevel('debug');
    logger.debug({}, 'but this');
    logger.setLevel('silent');
    logger.error({}, 'and not this');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['but this']);
  });

  it('shows no value under the name of a secret, and no text can break a line', () => {
    const { lines, logger } = createLines();
    logger.info({ token: 's3cret', peer: { apiKey: 's3cret' }, client: 'a\n{"level":"error"}' }, 'x\ny');
    expect(lines[0]).not.toContain('s3cret');
    expect((lines[0] ?? '').trimEnd().split('\n')).toHaveLength(1);
  });
});
