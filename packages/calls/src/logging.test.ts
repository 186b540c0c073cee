import { describe, expect, it } from 'vitest';
import { createBench, type LogLine } from './testing/bench.ts';

describe('the log of a call', () => {
  it('has its activity at info, a lost connection at warn, failures at error, message types at debug', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onResume = () => ({});
    await bench.until(call.answer());
    peer.cut();
    await bench.pass(1_000);
    call.on('call.dtmf', () => {
      throw new Error('slip');
    });
    peer.event({ type: 'call.dtmf', digit: '5', party: 'caller', durationMs: 80 });
    peer.terminate('hangup', 'caller');
    await bench.until(call.ended);
    const messages = (level: LogLine['level']): string[] => bench.logged(level).map(({ message }) => message);
    expect(messages('info')).toEqual([
      'connected to the switch',
      'call accepted',
      'call event',
      'media connection resumed',
      'call event',
      'call ended',
    ]);
    expect(messages('warn')).toEqual(['media connection lost, trying again']);
    expect(messages('error')).toEqual(['a handler or subscriber of the call failed']);
    expect(new Set(messages('debug'))).toEqual(new Set(['control message', 'media message']));
    const ofCall = bench.log.filter(({ message }) => !/control|connected/.test(message));
    for (const { fields } of ofCall) expect(fields).toMatchObject({ callId: call.callId });
  });

  it('holds no key, token, number, digit, context or note', async () => {
    const bench = createBench({ apiKey: 'ak_test_hushhush' });
    const { call, peer } = await bench.call({
      callerNumber: '+15550123',
      calleeNumber: '+15559876',
      mediaToken: 'mt_hushhush',
    });
    peer.onResume = () => ({});
    peer.resumeToken = 'rt_hushhush';
    await bench.until(call.answer());
    await bench.until(call.sendDtmf('7391'));
    await bench.until(call.setContext({ secret: 'hushhush' }));
    await bench.until(call.annotate('transcript', { text: 'hushhush' }));
    peer.event({ type: 'call.dtmf', digit: '8', party: 'caller', durationMs: 80 });
    peer.cut();
    await bench.pass(1_000);
    bench.peer.session.cut();
    await bench.pass(1_000);
    await bench.until(call.sendDtmf('7391x').catch(() => undefined));
    await bench.until(call.disconnect());
    expect(bench.log.length).toBeGreaterThan(15);
    const text = bench.log.map(({ fields, message }) => message + JSON.stringify(fields)).join('\n');
    for (const secret of ['hushhush', '5550123', '5559876', '7391', '"8"']) expect(text).not.toContain(secret);
  });
});
