import { describe, expect, it } from 'vitest';
import { createBench } from './testing/bench.ts';

describe('verbs', () => {
  it('answers', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    expect(call.state).toBe('PENDING');
    await bench.until(call.answer());
    expect(call.state).toBe('ANSWERED');
    expect(peer.commands.map(({ type }) => type)).toEqual(['answer']);
    await bench.until(call.close());
    expect(call.state).toBe('DISCONNECTED');
    expect(await call.ended).toEqual({ reason: 'left', by: 'agent' });
  });
});
