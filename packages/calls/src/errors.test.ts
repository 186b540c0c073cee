import { describe, expect, it } from 'vitest';
import * as errors from './errors.ts';

const {
  BufferFullError,
  WSSAuthenticationError,
  WSSCallClosedError,
  WSSCallCommandError,
  WSSCallCommandTimeoutError,
  WSSCallError,
  WSSConnectionError,
  WSSError,
  toError,
} = errors;

/** The same module once more, as a second installed copy would be. */
async function secondCopy(): Promise<typeof errors> {
  const specifier = './errors.ts?copy';
  return (await import(/* @vite-ignore */ specifier)) as typeof errors;
}

describe('errors', () => {
  it('carry code, cause and whether a retry may help, and are named after their class', () => {
    const cause = new Error('why');
    const error = new WSSConnectionError('no', { code: 'UNREACHABLE', retryable: true, cause });
    expect(error).toMatchObject({ name: 'WSSConnectionError', code: 'UNREACHABLE', retryable: true, cause });
    expect(String(error)).toBe('WSSConnectionError: no');
  });

  it('give a refused verb one code under two names', () => {
    const error = new WSSCallCommandError('CALL_UNANSWERED', 'nobody', { callId: 'c' });
    expect(error).toMatchObject({
      code: 'CALL_UNANSWERED',
      errorCode: 'CALL_UNANSWERED',
      errorMessage: 'nobody',
      callId: 'c',
    });
  });

  it('tell capacity and fill of a full buffer', () => {
    expect(new BufferFullError('full', { capacityBytes: 10, queuedBytes: 8 })).toMatchObject({
      code: 'BUFFER_FULL',
      capacityBytes: 10,
      queuedBytes: 8,
    });
  });

  it('form the documented tree', () => {
    const closed = new WSSCallClosedError('over', { callId: 'c' });
    expect(closed instanceof WSSCallError && closed instanceof WSSError && closed instanceof Error).toBe(true);
    expect(closed instanceof WSSCallCommandError).toBe(false);
    expect(new WSSCallCommandTimeoutError('late', { callId: 'c' }) instanceof WSSCallCommandError).toBe(false);
    expect(new WSSAuthenticationError('no', { code: 'x' }) instanceof WSSConnectionError).toBe(false);
  });

  it('are instances of the class of another installed copy', async () => {
    const copy = await secondCopy();
    expect(copy.WSSError).not.toBe(WSSError);
    const foreign = new copy.WSSCallClosedError('over', { callId: 'c' });
    expect(foreign instanceof WSSCallClosedError).toBe(true);
    expect(foreign instanceof WSSCallError).toBe(true);
    expect(foreign instanceof WSSError).toBe(true);
    expect(foreign instanceof WSSConnectionError).toBe(false);
  });

  it('leave classes that users derive to themselves', () => {
    class OwnError extends WSSError {}
    expect(new WSSError('x', { code: 'x' }) instanceof OwnError).toBe(false);
    expect(new OwnError('x', { code: 'x' }) instanceof OwnError).toBe(true);
    expect(new OwnError('x', { code: 'x' }) instanceof WSSError).toBe(true);
  });

  it('are no instance of anything that only looks like one', () => {
    for (const value of [undefined, null, 'WSSError', { code: 'x' }, new Error('x')]) {
      expect(value instanceof WSSError).toBe(false);
    }
  });

  it('are made of whatever was thrown', () => {
    const error = new Error('x');
    expect(toError(error)).toBe(error);
    expect(toError('text').message).toContain('text');
  });
});
