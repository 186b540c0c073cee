import fc from 'fast-check';
import { expect, it } from 'vitest';
import { busTickSamples } from '../media/bus.ts';
import { openTickRing, ringBytes, ringTicks } from './tick-ring.ts';

const said = (value: number): Int16Array => new Int16Array(busTickSamples).fill(value);

function push(ring: ReturnType<typeof openTickRing>, tick: number): boolean {
  return ring.push(tick, { caller: said(tick), callee: said(tick + 10_000), agent: said(tick + 20_000) });
}

it('hands out every tick once, in order and as runs without a gap, whatever both sides do when', () => {
  const turns = fc.array(
    fc.record({ push: fc.integer({ min: 0, max: 130 }), gap: fc.boolean(), drain: fc.integer({ min: 0, max: 150 }) }),
  );
  fc.assert(
    fc.property(turns, (sequence) => {
      const memory = new SharedArrayBuffer(ringBytes);
      const [writer, reader] = [openTickRing(memory), openTickRing(memory)];
      const pushed: number[] = [];
      const taken: number[] = [];
      let tick = 0;
      for (const turn of sequence) {
        for (let i = 0; i < turn.push; i++, tick++) {
          const isTaken = push(writer, tick);
          expect(isTaken).toBe(pushed.length - taken.length < ringTicks);
          if (isTaken) pushed.push(tick);
        }
        if (turn.gap) tick += 3;
        reader.drain(Math.min(reader.pushed, taken.length + turn.drain), (first, tracks) => {
          const [caller = said(0), callee = said(0), agent = said(0)] = tracks;
          for (let at = 0; at < caller.length; at += busTickSamples) {
            const expected = first + at / busTickSamples;
            taken.push(expected);
            const last = at + busTickSamples - 1;
            expect([caller[at], caller[last], callee[last], agent[at]]).toEqual([
              expected,
              expected,
              expected + 10_000,
              expected + 20_000,
            ]);
          }
        });
      }
      expect(taken).toEqual(pushed.slice(0, taken.length));
    }),
    { numRuns: 60 },
  );
});

it('keeps what could not be taken', () => {
  const ring = openTickRing(new SharedArrayBuffer(ringBytes));
  push(ring, 5);
  expect(() =>
    ring.drain(ring.pushed, () => {
      throw new Error('no room');
    }),
  ).toThrow('no room');
  const firsts: number[] = [];
  ring.drain(ring.pushed, (first) => firsts.push(first));
  expect(firsts).toEqual([5]);
});
