import { describe, expect, it } from 'vitest';
import type { ActiveCall } from './active-call.ts';
import { events } from './events.ts';
import { handleCalls } from './operators/handle-calls.ts';
import { type Bench, createBench } from './testing/bench.ts';

/** Something that has no text. */
const textless = Object.create(null) as Error;
const hostile = new Proxy(
  {},
  {
    get: () => {
      throw new Error('no property for you');
    },
    getPrototypeOf: () => {
      throw new Error('no prototype for you');
    },
  },
);

async function taking(
  handler: (call: ActiveCall) => unknown,
  options: Parameters<typeof createBench>[0] = {},
): Promise<Bench> {
  const bench = createBench(options);
  bench.client.on(events.INCOMING_CALL, handler);
  await bench.until(bench.client.connect());
  return bench;
}

describe('a handler that throws', () => {
  const thrown: [name: string, value: unknown][] = [
    ['an Error', new Error('slip')],
    ['a text', 'slip'],
    ['nothing', undefined],
    ['null', null],
    ['a symbol', Symbol('slip')],
    ['an object', { code: 1 }],
    ['an object without a text', textless],
    ['an object that refuses to be looked at', hostile],
  ];
  it.each(thrown)(
    '%s, at once or later, ends its own call and nothing else, and onHandlerError gets an Error',
    async (_name, value) => {
      const seen: unknown[] = [];
      let calls = 0;
      const handler = (): unknown => {
        calls++;
        if (calls === 1) throw value;
        return calls === 2 ? Promise.reject(value) : undefined;
      };
      const told = await taking(handler, { onHandlerError: (error) => seen.push(error) });
      const bench = await taking(handler);
      for (const { peer } of [told, bench]) {
        calls = 0;
        for (let i = 0; i < 3; i++) peer.offer();
        await told.pass();
        await bench.pass();
      }
      expect(seen).toHaveLength(2);
      for (const error of seen) expect(error instanceof Error).toBe(true);
      expect(bench.peer.calls.map(({ commands }) => commands.map(({ type }) => type))).toEqual([
        ['disconnect'],
        ['disconnect'],
        [],
      ]);
      expect(bench.logged('error')).toHaveLength(2);
    },
  );

  it.each([
    ['throws', 'disconnect', ['disconnect']],
    ['rejects', 'close', ['close']],
  ] as const)('and %s is dealt with by %s', async (how, onHandlerError, commands) => {
    const bench = await taking(
      () => {
        if (how === 'throws') throw new Error('slip');
        return Promise.reject(new Error('slip'));
      },
      { onHandlerError },
    );
    const peer = bench.peer.offer();
    await bench.pass();
    expect(peer.commands.map(({ type }) => type)).toEqual(commands);
  });

  const endings = [
    ['disconnect', 'disconnect'],
    ['close', 'close'],
    [
      'a function that throws',
      (): never => {
        throw new Error('again');
      },
    ],
  ] as const;
  const answers = [
    ['does not answer', 'silence', 10_000],
    ['refuses', { code: 'INTERNAL', message: 'no' }, 0],
  ] as const;
  const cases = endings.flatMap(([name, ending]) => answers.map((answer) => [name, ...answer, ending] as const));
  it.each(cases)('and is dealt with by %s leaves no caller alone with a switch that %s', async (...of) => {
    const [, , reply, afterMs, onHandlerError] = of;
    const bench = await taking(
      async (call) => {
        await call.answer();
        throw new Error('slip');
      },
      { onHandlerError },
    );
    const peer = bench.peer.offer();
    peer.onCommand = ({ type }) => (type === 'answer' ? undefined : reply);
    await bench.pass();
    await bench.pass(afterMs);
    expect(peer.closedWith).toBe(4411);
    expect(bench.client.getCall('call-1')).toBeUndefined();
  });

  it('whose call the switch will not end is torn down from this side', async () => {
    const bench = await taking(() => Promise.reject(new Error('slip')));
    const peer = bench.peer.offer();
    peer.onCommand = () => ({ code: 'INTERNAL', message: 'no' });
    await bench.pass();
    expect(peer.closedWith).toBe(4411);
    expect(bench.client.getCall('call-1')).toBeUndefined();
  });

  it.each([
    ['throws', (): unknown => JSON.parse('{')],
    ['rejects', (): unknown => Promise.reject(new Error('again'))],
    ['throws what has no text', (): unknown => Promise.reject(textless)],
  ])('and whose onHandlerError %s ends the call for all', async (_how, onHandlerError) => {
    const bench = await taking(() => Promise.reject(new Error('slip')), { onHandlerError });
    const peer = bench.peer.offer();
    await bench.pass();
    expect(peer.commands.map(({ type }) => type)).toEqual(['disconnect']);
    expect(bench.logged('error')).toHaveLength(2);
  });

  it('and whose onHandlerError never settles holds up no other call', async () => {
    const bench = await taking(({ callId }) => (callId === 'call-1' ? Promise.reject(new Error('slip')) : undefined), {
      onHandlerError: () => new Promise(() => undefined),
    });
    bench.peer.offer();
    await bench.pass();
    bench.peer.offer();
    await bench.pass();
    expect(bench.client.getCall('call-2')?.state).toBe('PENDING');
    for (const { offer } of bench.peer.calls) expect(bench.client.getCall(offer.callId)).toBeDefined();
  });
});

describe('a handler that hangs', () => {
  it('keeps neither the call, nor the next one, nor a drain', async () => {
    const bench = await taking(() => new Promise(() => undefined), { maxCalls: 1 });
    const peer = bench.peer.offer();
    await bench.pass();
    peer.terminate('hangup', 'caller');
    await bench.pass();
    expect(bench.client.getCall('call-1')).toBeUndefined();
    bench.peer.offer();
    await bench.pass();
    expect(bench.client.getCall('call-2')?.state).toBe('PENDING');
    const draining = bench.client.drain();
    bench.peer.calls[1]?.terminate('hangup', 'caller');
    await bench.until(draining);
    expect(bench.logged('error')).toEqual([]);
  });
});

describe('a handler whose call has ended', () => {
  const late: [name: string, work: (call: ActiveCall) => unknown, level: 'debug' | 'error'][] = [
    ['returns', () => 'done', 'debug'],
    ['uses a verb', (call) => call.answer(), 'debug'],
    ['sends audio', (call) => call.sendAudio(new Int16Array(2)), 'debug'],
    ['throws the reason of its signal', (call) => call.signal.throwIfAborted(), 'debug'],
    ['throws what an aborted wait throws', () => Promise.reject(new DOMException('over', 'AbortError')), 'debug'],
    ['throws something else', () => Promise.reject(new Error('slip')), 'error'],
  ];
  it.each(late)('and that then %s has not failed', async (_name, work, level) => {
    const failures: unknown[] = [];
    const options = { onHandlerError: (error: Error) => failures.push(error) };
    const bench = await taking(async (call) => {
      await call.ended;
      await work(call);
    }, options);
    const peer = bench.peer.offer();
    await bench.pass();
    peer.terminate('hangup', 'caller');
    await bench.pass();
    expect(failures).toEqual([]);
    expect(peer.commands).toEqual([]);
    expect(bench.logged('error')).toHaveLength(level === 'error' ? 1 : 0);
  });

  it('with its connection has not failed, whatever it waited for', async () => {
    const failures: unknown[] = [];
    const bench = await taking((call) => call.connect(), { onHandlerError: (error) => failures.push(error) });
    const peer = bench.peer.offer();
    peer.onCommand = () => 'silence';
    await bench.pass();
    peer.close('TAKEN_OVER');
    await bench.pass();
    expect(failures).toEqual([]);
    const handlers = bench.logged('error').filter(({ message }) => message.includes('handler'));
    expect(handlers).toEqual([]);
  });
});

it('of handleCalls hands on the calls of handlers that fail, as of those that do not', async () => {
  const bench = createBench();
  const done: string[] = [];
  const handler = ({ callId }: ActiveCall): unknown => (callId === 'call-2' ? undefined : Promise.reject(textless));
  const handling = bench.client.calls$.pipe(handleCalls(handler)).subscribe({
    next: ({ callId }) => done.push(callId),
    error: () => done.push('error'),
    complete: () => done.push('complete'),
  });
  await bench.until(bench.client.connect());
  for (let i = 0; i < 3; i++) bench.peer.offer();
  await bench.pass();
  expect(done.toSorted()).toEqual(['call-1', 'call-2', 'call-3']);
  handling.unsubscribe();
});

it('and a logger that throws ends no call', async () => {
  const slip = (): never => {
    throw new Error('the disk is full');
  };
  const bench = await taking(() => Promise.reject(new Error('slip')), {
    onHandlerError: () => undefined,
    logger: { debug: slip, info: slip, warn: slip, error: slip },
  });
  const peer = bench.peer.offer();
  await bench.pass();
  const call = bench.client.getCall('call-1');
  call?.on('call.answered', slip);
  await bench.until(call?.answer() ?? Promise.reject(new Error('the call did not come')));
  bench.peer.session.cut();
  await bench.pass(1_000);
  expect([call?.state, bench.peer.sessions.length, peer.closedWith]).toEqual(['ANSWERED', 2, undefined]);
});
