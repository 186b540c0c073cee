import { decodeFrame, type FrameHeader } from '@agentao/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BufferClosedError, BufferFullError } from './errors.ts';
import { OutgoingAudio } from './outgoing-audio.ts';

interface Sent {
  readonly header: FrameHeader;
  readonly samples: readonly number[];
}

function create(options: { capacity?: number; window?: number; upTo?: number } = {}): {
  out: OutgoingAudio;
  sent: Sent[];
} {
  const { capacity = 1000, window = 100, upTo = window } = options;
  const sent: Sent[] = [];
  const out = new OutgoingAudio({
    bufferBytes: capacity * 2,
    generation: 0,
    upTo,
    windowSamples: window,
    isBehind: () => false,
    sendFrame: (bytes) => {
      const { header, samples } = decodeFrame(bytes);
      sent.push({ header, samples: [...samples] });
    },
  });
  return { out, sent };
}

function ramp(count: number, from = 0): Int16Array {
  return Int16Array.from({ length: count }, (_, index) => from + index);
}

const lengths = (sent: Sent[]): number[] => sent.map(({ samples }) => samples.length);
const turn = (): Promise<void> => Promise.resolve();

describe('outgoing audio', () => {
  it('leaves as one frame when it is handed in piece by piece in one go', async () => {
    const { out, sent } = create();
    for (let piece = 0; piece < 5; piece++) void out.send(ramp(10, piece * 10));
    await turn();
    expect(sent).toEqual([{ header: { track: 3, generation: 0, flags: 0, position: 0 }, samples: [...ramp(50)] }]);
  });

  it('goes as far as the credit and on when there is more, one frame per credit', async () => {
    const { out, sent } = create();
    await out.send(ramp(350));
    await turn();
    out.credit(0, 180);
    out.credit(0, 400);
    expect(lengths(sent)).toEqual([100, 80, 170]);
    expect(sent.map(({ header }) => header.position)).toEqual([0, 100, 180]);
    expect(out.queuedBytes).toBe(0);
    expect(out.end).toBe(350);
  });

  it('ignores credit that falls and credit of another generation', async () => {
    const { out, sent } = create();
    await out.send(ramp(300));
    await turn();
    out.credit(0, 50);
    out.credit(1, 300);
    out.credit(255, 300);
    expect(lengths(sent)).toEqual([100]);
  });

  it('cuts what one message cannot carry', async () => {
    const { out, sent } = create({ capacity: 200_000, window: 150_000 });
    await out.send(new Int16Array(150_000));
    await turn();
    expect(lengths(sent)).toEqual([65_532, 65_532, 18_936]);
  });

  it('copies what it is given', async () => {
    const { out, sent } = create();
    const samples = ramp(3);
    void out.send(samples);
    samples.fill(-1);
    await turn();
    expect(sent[0]?.samples).toEqual([0, 1, 2]);
  });

  it('queues all or nothing and tells how full it is', async () => {
    const { out } = create({ capacity: 100, upTo: 0 });
    await out.send(ramp(90));
    const error = await out.send(ramp(11)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BufferFullError);
    expect(error).toMatchObject({ capacityBytes: 200, queuedBytes: 180 });
    expect(out.end).toBe(90);
    await out.send(ramp(10));
    expect(out.queuedBytes).toBe(200);
  });

  it('counts room that the credit gives before it refuses', async () => {
    const { out } = create({ capacity: 100, window: 100 });
    void out.send(ramp(100));
    await expect(out.send(ramp(100))).resolves.toBeUndefined();
  });

  it('lets audio wait in order, and none overtake it', async () => {
    const { out, sent } = create({ capacity: 100, upTo: 0 });
    await out.send(ramp(100));
    const order: string[] = [];
    const first = out.send(ramp(60, 100), { wait: true }).then(() => order.push('first'));
    const second = out.send(ramp(10, 160), { wait: true }).then(() => order.push('second'));
    await expect(out.send(ramp(1))).rejects.toBeInstanceOf(BufferFullError);
    out.credit(0, 60);
    await first;
    await expect(out.send(ramp(1))).rejects.toBeInstanceOf(BufferFullError);
    out.credit(0, 200);
    await second;
    expect(order).toEqual(['first', 'second']);
    expect(sent.flatMap(({ samples }) => samples)).toEqual([...ramp(170)]);
  });

  it('lets no more than one more ring of audio wait', async () => {
    const { out } = create({ capacity: 100, upTo: 0 });
    await out.send(ramp(100));
    void out.send(ramp(100), { wait: true });
    await expect(out.send(ramp(1), { wait: true })).rejects.toBeInstanceOf(BufferFullError);
    await expect(create().out.send(ramp(1001), { wait: true })).rejects.toBeInstanceOf(BufferFullError);
  });

  it('stops waiting when the signal aborts, and makes room for the next', async () => {
    const { out, sent } = create({ capacity: 100, upTo: 0 });
    await out.send(ramp(90));
    const abort = new AbortController();
    const aborted = out.send(ramp(50, 500), { wait: true, signal: abort.signal });
    const next = out.send(ramp(10, 90), { wait: true });
    abort.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await next;
    out.credit(0, 1000);
    expect(sent.flatMap(({ samples }) => samples)).toEqual([...ramp(100)]);
    await expect(out.send(ramp(1), { signal: abort.signal })).rejects.toThrow('enough');
  });

  it('begins a new generation behind all it has accepted, waiting audio included', async () => {
    const { out, sent } = create({ capacity: 100 });
    void out.send(ramp(100));
    await turn();
    await out.send(ramp(100));
    const waiting = out.send(ramp(40), { wait: true });
    expect(out.discard()).toEqual({ generation: 1, position: 240 });
    await waiting;
    expect(out.queuedBytes).toBe(0);
    await out.send(ramp(90, 7));
    await turn();
    expect(sent.at(-1)?.header).toMatchObject({ generation: 1, position: 240 });
    expect(lengths(sent)).toEqual([100, 90]);
  });

  it('counts generations modulo 256', () => {
    const { out } = create();
    for (let clear = 0; clear < 255; clear++) out.discard();
    expect(out.discard().generation).toBe(0);
  });

  it('takes nothing once the call has ended, and tells those who wait', async () => {
    const { out, sent } = create({ capacity: 10, upTo: 0 });
    await out.send(ramp(10));
    const waiting = out.send(ramp(1), { wait: true });
    out.close(new BufferClosedError('over'));
    out.credit(0, 100);
    await expect(waiting).rejects.toBeInstanceOf(BufferClosedError);
    await expect(out.send(ramp(1))).rejects.toBeInstanceOf(BufferClosedError);
    expect(sent).toEqual([]);
  });

  it('never exceeds its credit, leaves no gap and repeats nothing, whatever comes in whatever order', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('send' as const), count: fc.integer({ min: 0, max: 80 }) }),
      fc.record({ do: fc.constant('credit' as const), more: fc.integer({ min: -20, max: 150 }), stale: fc.boolean() }),
      fc.record({ do: fc.constant('clear' as const) }),
      fc.record({ do: fc.constant('turn' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { out, sent } = create({ capacity: 120, window: 50 });
        let generation = 0;
        let upTo = 50;
        let next = 0;
        let checked = 0;
        /** Value of each accepted sample = its position modulo 2^15, so that order shows in the content. */
        let accepted = 0;
        const check = (): void => {
          for (const { header, samples } of sent.slice(checked)) {
            expect(header).toEqual({ track: 3, generation, flags: 0, position: next });
            expect(samples).toEqual([...ramp(samples.length, next)]);
            next += samples.length;
            expect(next).toBeLessThanOrEqual(upTo);
          }
          checked = sent.length;
        };
        for (const action of steps) {
          if (action.do === 'send') {
            const before = out.end;
            void out.send(ramp(action.count, accepted)).then(
              () => undefined,
              () => undefined,
            );
            expect([before, before + action.count]).toContain(out.end);
            accepted = out.end;
          } else if (action.do === 'credit') {
            const granted = upTo + action.more;
            if (!action.stale) upTo = Math.max(upTo, granted);
            out.credit(action.stale ? generation + 200 : generation, granted);
          } else if (action.do === 'clear') {
            check();
            const discard = out.discard();
            generation = (generation + 1) % 256;
            next = out.end;
            upTo = next + 50;
            expect(discard).toEqual({ generation, position: next });
          } else {
            await turn();
          }
          check();
        }
        expect(out.queuedBytes).toBe((out.end - next) * 2);
      }),
    );
  });
});

it('counts no further than a position can tell, and refuses what is beyond it', async () => {
  const { out } = create();
  const { signal } = new AbortController();
  const most = new Int16Array(2 ** 24);
  const given = Array.from({ length: 255 }, () => out.sendInTurn(most, signal));
  await expect(out.sendInTurn(most, signal)).rejects.toBeInstanceOf(BufferFullError);
  out.discard();
  await Promise.all(given);
  await expect(out.send(most, { wait: true })).rejects.toThrow('a call has 4294967295 samples at most');
  const rest = out.sendInTurn(most.subarray(1), signal);
  await expect(out.send(ramp(1))).rejects.toBeInstanceOf(BufferFullError);
  out.discard();
  await rest;
  expect(out.end).toBe(0xffff_ffff);
});
