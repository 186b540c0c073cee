import fc from 'fast-check';
import { expect, it } from 'vitest';
import { converse, type Conversation, type LinkOptions, type Step } from './playout/playout-run.ts';
import { openVirtualLine } from './virtual-line.ts';

// Each range holds many cases of its own: less than a tick, a few ticks, more than a ring.
const upTo = (...bounds: readonly number[]): fc.Arbitrary<number> =>
  fc.oneof(...bounds.map((max) => fc.integer({ min: 1, max })));
const pauseMs = upTo(25, 60, 400);
const samples = upTo(479, 1_500, 14_400);
const mode = fc.constantFrom('barge' as const, 'whisper' as const, 'spy' as const);
const how = fc.constantFrom('plain' as const, 'keepQueued' as const, 'afterPlayout' as const);
// Not a whole number, so that giving up never falls on the instant of a tick.
const timeoutMs = fc.option(
  fc.integer({ min: 0, max: 600 }).map((ms) => ms + 0.2),
  { nil: undefined },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ pauseMs, do: fc.constant('play' as const), samples }) },
  { weight: 3, arbitrary: fc.record({ pauseMs, do: fc.constant('send' as const), samples }) },
  { weight: 2, arbitrary: fc.record({ pauseMs, do: fc.constant('clear' as const) }) },
  { weight: 3, arbitrary: fc.record({ pauseMs, do: fc.constant('wait' as const), timeoutMs }) },
  { weight: 5, arbitrary: fc.record({ pauseMs, do: fc.constant('mode' as const), mode, how }) },
);
const conversation: fc.Arbitrary<Conversation> = fc.record({
  mode: fc.option(mode, { nil: null, freq: 5 }),
  steps: fc.array(step, { minLength: 1, maxLength: 12 }),
});

// The latency is no whole number either: what arrives never arrives on the instant of a tick.
const links = [
  { latencyMs: 0, ring: 'room for all' },
  { latencyMs: 40.25, ring: 'room for all' },
  { latencyMs: 0, bufferSize: 9_600, ring: 'room for 200 ms' },
  { latencyMs: 40.25, bufferSize: 19_200, ring: 'room for 400 ms' },
];

it.each(links)(
  'hears, at both ears, sample for sample what the protocol promises, in 250 calls with $latencyMs ms of latency and $ring',
  async (link: LinkOptions) => {
    await using line = await openVirtualLine({
      latencyMs: link.latencyMs,
      callee: { answerAfterMs: 20 },
      client: link.bufferSize === undefined ? {} : { bufferSize: link.bufferSize },
    });
    // A failure prints the seed and the path that repeat it.
    await fc.assert(
      fc.asyncProperty(conversation, (said) => converse(line, link, said)),
      { numRuns: 250 },
    );
    expect(line.callSwitch.calls).toEqual([]);
  },
);
