import { mergeMap, filter, map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { ActiveCall } from './active-call.ts';
import { WSSError } from './errors.ts';
import { events } from './events.ts';
import { handleCalls } from './operators/handle-calls.ts';
import { type Bench, createBench } from './testing/bench.ts';

async function connected(options: Parameters<typeof createBench>[0] = {}): Promise<Bench> {
  const bench = createBench(options);
  await bench.until(bench.client.connect());
  return bench;
}

describe('readiness', () => {
  it('is declared while there is a handler', async () => {
    const bench = await connected();
    const readiness = (): boolean[] =>
      bench.peer.session.messages.flatMap((message) => (message.type === 'ready' ? [message.ready] : []));
    await bench.pass(1000);
    expect(readiness()).toEqual([]);
    const stop = bench.client.on(events.INCOMING_CALL, () => undefined);
    await bench.pass();
    stop();
    stop();
    await bench.pass();
    const handling = bench.client.calls$.pipe(handleCalls(() => undefined)).subscribe();
    await bench.pass();
    handling.unsubscribe();
    await bench.pass();
    expect(readiness()).toEqual([true, false, true, false]);
  });

  it('does not come of observing calls', async () => {
    const bench = await connected();
    bench.client.calls$.subscribe();
    bench.client.calls$.pipe(map(({ callId }) => callId)).subscribe();
    await bench.pass();
    expect(bench.peer.session.ready).toBe(false);
  });

  it('has one handler at a time, of either kind', async () => {
    const bench = await connected();
    const stop = bench.client.on(events.INCOMING_CALL, () => undefined);
    expect(() => bench.client.on(events.INCOMING_CALL, () => undefined)).toThrow(WSSError);
    const errors: unknown[] = [];
    bench.client.calls$.pipe(handleCalls(() => undefined)).subscribe({ error: (error) => errors.push(error) });
    expect(errors).toMatchObject([{ code: 'HANDLER_EXISTS' }]);
    stop();
    bench.client.on(events.INCOMING_CALL, () => undefined);
  });

  it('is for a known event only', () => {
    // @ts-expect-error not an event of a client
    expect(() => createBench().client.on('call.answered', () => undefined)).toThrow(/call.answered/);
  });
});

describe('an offer that comes again', () => {
  /** Offers once, and gives what offers the same again with other fields. */
  async function offered() {
    const bench = await connected();
    const calls: ActiveCall[] = [];
    bench.client.on(events.INCOMING_CALL, (call) => {
      calls.push(call);
      return call.ended.then(() => undefined);
    });
    await bench.pass();
    const { offer } = bench.peer.offer();
    const again = (fields: Partial<typeof offer>): void => bench.peer.session.send({ ...offer, ...fields });
    return { bench, calls, again };
  }

  it('while it is being accepted is one offer', async () => {
    const { bench, calls, again } = await offered();
    again({});
    again({});
    await bench.pass(100);
    expect([calls.length, bench.peer.session.declined]).toEqual([1, []]);
    expect(bench.network.connections().filter(({ url }) => url.endsWith('/media'))).toHaveLength(1);
  });

  it.each([0, 100])('under another id, %d ms later, is declined, and the call that is here goes on', async (ms) => {
    const { bench, calls, again } = await offered();
    if (ms > 0) await bench.pass(ms);
    again({ offerId: 'another' });
    await bench.pass(100);
    expect([calls.length, bench.peer.session.declined]).toEqual([1, ['another']]);
    expect(bench.client.getCall('call-1')).toBe(calls[0]);
    expect(calls[0]?.state).toBe('PENDING');
  });

  it('is one of a thousand at most that are accepted at once', async () => {
    const { bench, again } = await offered();
    for (let number = 2; number <= 1_010; number++) {
      again({ offerId: `offer-${number}`, callId: `call-${number}`, mediaToken: 'none' });
    }
    await bench.pass();
    expect(bench.peer.session.declined).toEqual(expect.arrayContaining(['offer-1001', 'offer-1010']));
    expect(bench.peer.asked.filter((path) => path === '/media')).toHaveLength(1_000);
  });
});

describe('an offer', () => {
  it('is accepted by attaching with its token, and the handler then has a call that works', async () => {
    const bench = await connected({ sampleRate: 8000 });
    const handled: ActiveCall[] = [];
    bench.client.on(events.INCOMING_CALL, async (call) => {
      handled.push(call);
      expect(call.state).toBe('PENDING');
      await call.answer();
    });
    await bench.pass();
    const peer = bench.peer.offer({ callerNumber: '', calleeNumber: '+1' });
    await bench.pass();
    expect(peer.attach).toEqual({ type: 'attach', sampleRateHz: 8000, annotateAfterEnd: true });
    expect(handled).toHaveLength(1);
    const fields = { callId: 'call-1', callerNumber: '', calleeNumber: '+1', direction: 'MT', state: 'ANSWERED' };
    expect(handled[0]).toMatchObject({ ...fields, sampleRateHz: 8000, takenOver: false });
    expect(bench.client.getCall('call-1')).toBe(handled[0]);
  });

  it('is declined without a handler, beyond maxCalls, and in mid-call without acceptsTakeover', async () => {
    const bench = await connected({ maxCalls: 1 });
    bench.peer.offer();
    await bench.pass();
    bench.client.on(events.INCOMING_CALL, () => undefined);
    bench.peer.offer({ takeover: { state: 'ANSWERED', mode: null, context: null } });
    const running = bench.peer.offer();
    bench.peer.offer();
    await bench.pass();
    expect(bench.peer.session.declined).toEqual(['offer-1', 'offer-2', 'offer-4']);
    running.terminate('hangup', 'caller');
    await bench.pass();
    bench.peer.offer();
    await bench.pass();
    expect(bench.peer.calls[4]?.attach).toMatchObject({ type: 'attach', sampleRateHz: 24_000 });
  });

  const urls: [mediaUrl: string, allowed: readonly string[], accepted: boolean][] = [
    ['/media', [], true],
    ['ws://127.0.0.1:7350/media', [], true],
    ['ws://127.0.0.1:7351/media', [], false],
    ['wss://127.0.0.1:7350/media', [], false],
    ['ws://evil.example/media', [], false],
    ['ws://user@127.0.0.1:7350/media', [], false],
    ['http://127.0.0.1:7350/media', [], false],
    ['//evil.example/media', [], false],
    ['wss://127.0.0.1:7350/media', ['wss://127.0.0.1:7350'], true],
  ];
  it.each(urls)('with media at %s, allowed %j, is taken: %s', async (mediaUrl, allowedMediaOrigins, accepted) => {
    const bench = await connected({ allowedMediaOrigins });
    bench.client.on(events.INCOMING_CALL, () => undefined);
    const peer = bench.peer.offer({ mediaUrl });
    await bench.pass();
    expect(peer.attach !== undefined).toBe(accepted);
    expect(bench.peer.session.declined).toEqual(accepted ? [] : ['offer-1']);
  });

  it('that is cancelled meanwhile leaves no connection and no call', async () => {
    const bench = await connected();
    const handled: ActiveCall[] = [];
    bench.client.on(events.INCOMING_CALL, (call) => handled.push(call));
    const peer = bench.peer.offer();
    peer.mute = true;
    await bench.pass();
    expect(bench.network.connections()).toHaveLength(2);
    bench.peer.session.send({ type: 'offer.cancelled', offerId: peer.offer.offerId, reason: 'caller_gone' });
    await bench.pass();
    expect(bench.network.connections()).toHaveLength(1);
    expect(handled).toEqual([]);
    expect(bench.peer.session.declined).toEqual([]);
    expect(bench.logged('error')).toEqual([]);
  });

  it('that is not given in time is given up', async () => {
    const bench = await connected();
    bench.client.on(events.INCOMING_CALL, () => undefined);
    const peer = bench.peer.offer();
    peer.mute = true;
    await bench.pass(2000);
    await bench.pass();
    expect(peer.closedWith).toBe(4408);
    expect(bench.peer.session.declined).toEqual(['offer-1']);
    expect(bench.client.getCall('call-1')).toBeUndefined();
  });

  it('with a token that opens nothing is declined and logged without the token', async () => {
    const bench = await connected();
    bench.client.on(events.INCOMING_CALL, () => undefined);
    const { offer } = bench.peer.offer();
    bench.peer.calls.length = 0;
    await bench.pass();
    expect(bench.peer.session.declined).toEqual([offer.offerId]);
    expect(bench.logged('error')).toHaveLength(1);
    expect(JSON.stringify(bench.log)).not.toContain(offer.mediaToken);
  });
});

describe('a handler', () => {
  const slip = (): never => {
    throw new Error('slip');
  };
  const kinds: [name: string, install: (bench: Bench, handler: (call: ActiveCall) => unknown) => void][] = [
    ['on', (bench, handler) => bench.client.on(events.INCOMING_CALL, handler)],
    ['handleCalls', (bench, handler) => bench.client.calls$.pipe(handleCalls(handler)).subscribe()],
  ];

  describe.each(kinds)('installed with %s', (_name, install) => {
    it.each([
      ['throws', slip],
      ['rejects', () => Promise.reject(new Error('slip'))],
    ])('that %s ends its call for all by default, is logged, and the next call comes', async (_how, handler) => {
      const bench = await connected();
      let calls = 0;
      install(bench, () => {
        if (calls++ === 0) return handler();
        return undefined;
      });
      const first = bench.peer.offer();
      await bench.pass();
      const second = bench.peer.offer();
      await bench.pass();
      expect(first.commands.map(({ type }) => type)).toEqual(['disconnect']);
      expect(bench.logged('error')).toMatchObject([{ fields: { callId: 'call-1', err: new Error('slip') } }]);
      expect(second.commands).toEqual([]);
      expect(calls).toBe(2);
    });

    it('that fails leaves the call with onHandlerError close, or does what the function does', async () => {
      const closing = await connected({ onHandlerError: 'close' });
      install(closing, slip);
      const left = closing.peer.offer();
      await closing.pass();
      expect(left.commands.map(({ type }) => type)).toEqual(['close']);

      const seen: unknown[] = [];
      const custom = await connected({ onHandlerError: (error, call) => seen.push(error.message, call.callId) });
      install(custom, slip);
      const kept = custom.peer.offer();
      await custom.pass();
      expect(seen).toEqual(['slip', 'call-1']);
      expect(kept.commands).toEqual([]);
    });

    it('whose onHandlerError fails too ends the call', async () => {
      const bench = await connected({ onHandlerError: slip });
      install(bench, slip);
      const peer = bench.peer.offer();
      await bench.pass();
      expect(peer.commands.map(({ type }) => type)).toEqual(['disconnect']);
      expect(bench.logged('error')).toHaveLength(2);
    });

    it('that runs into the end of its call has not failed', async () => {
      const bench = await connected();
      install(bench, async (call) => {
        await call.connect();
      });
      const peer = bench.peer.offer();
      peer.onCommand = () => 'silence';
      await bench.pass();
      peer.terminate('hangup', 'caller');
      await bench.pass();
      expect(bench.logged('error')).toEqual([]);
      expect(peer.sent('disconnect')).toEqual([]);
    });

    it('that is slow holds up no other call', async () => {
      const bench = await connected();
      const answered: string[] = [];
      install(bench, async (call) => {
        if (call.callId === 'call-1') await call.ended;
        await call.answer();
        answered.push(call.callId);
      });
      bench.peer.offer();
      bench.peer.offer();
      await bench.pass();
      expect(answered).toEqual(['call-2']);
    });
  });

  it('gets each call, and observers see it too', async () => {
    const bench = await connected();
    const seen: string[] = [];
    bench.client.calls$.pipe(handleCalls((call) => seen.push(`handler ${call.callId}`))).subscribe();
    bench.client.calls$.subscribe(({ callId }) => seen.push(`observer ${callId}`));
    bench.client.calls$
      .pipe(mergeMap(({ events$ }) => events$))
      .subscribe(({ type, callId }) => seen.push(`${type} ${callId}`));
    const peer = bench.peer.offer();
    await bench.pass();
    peer.terminate('hangup', 'caller');
    await bench.pass();
    expect(seen).toEqual(['handler call-1', 'observer call-1', 'call.terminated call-1']);
  });

  it('behind a filter leaves what it filters out to other clients', async () => {
    const bench = await connected();
    const seen: string[] = [];
    bench.client.calls$
      .pipe(
        filter(({ calleeNumber }) => calleeNumber === '+2'),
        handleCalls(({ callId }) => seen.push(callId)),
      )
      .subscribe();
    const declined = bench.peer.offer({ calleeNumber: '+1' });
    bench.peer.offer({ calleeNumber: '+2' });
    await bench.pass();
    expect(seen).toEqual(['call-2']);
    expect(declined.commands.map(({ type }) => type)).toEqual(['close']);
  });

  it('of handleCalls emits each call when it is done with it', async () => {
    const bench = await connected();
    const done: string[] = [];
    bench.client.calls$.pipe(handleCalls((call) => call.ended)).subscribe(({ callId }) => done.push(callId));
    const peer = bench.peer.offer();
    await bench.pass();
    expect(done).toEqual([]);
    peer.terminate('hangup', 'caller');
    await bench.pass();
    expect(done).toEqual(['call-1']);
  });
});
