import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type BreakableCall, openBreakableLine } from './breakable-line.ts';
import { faultList, suffer } from './line-faults.ts';
import { counting, expectCounted } from './counting-tone.ts';

const scenario = fc.record({
  latencyMs: fc.constantFrom(0, 7, 40),
  faults: faultList,
  keysAtMs: fc.array(fc.integer({ min: 0, max: 4_000 }), { maxLength: 4 }),
  jitter: fc.double({ min: 0, max: 0.99, noNaN: true }),
});

const spokenMs = 4_000;

/** What the agent hears of the caller when nothing goes wrong: a phone's jitter buffer makes of its first words what it likes, but always the same. */
const references = new Map<number, BreakableCall['heard']>();

async function undisturbed(latencyMs: number): Promise<BreakableCall['heard']> {
  const known = references.get(latencyMs);
  if (known !== undefined) return known;
  const line = await openBreakableLine({ latencyMs });
  const { call, caller, heard } = await line.ring();
  await line.virtual.settled(call.answer());
  caller.say(counting(spokenMs));
  await line.virtual.clock.advance(spokenMs + 10_000);
  await line.close();
  references.set(latencyMs, heard);
  return heard;
}

/** Where `heard` is not the beginning of `reference`, tick for tick. */
function differences(heard: BreakableCall['heard'], reference: BreakableCall['heard']): string[] {
  const found: string[] = [];
  for (const [tick, { position, samples }] of heard.entries()) {
    const expected = reference[tick];
    if (expected === undefined) break;
    if (position !== expected.position) found.push(`tick ${tick}: position ${position}, not ${expected.position}`);
    else if (samples.some((sample, i) => sample !== expected.samples[i])) found.push(`tick ${tick} sounds different`);
  }
  return found;
}

it('whatever happens to the media connection, nobody hears anything twice, out of order or not at all, and all is told and done once', async () => {
  let outages = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async ({ latencyMs, faults, keysAtMs, jitter }) => {
      const line = await openBreakableLine({ latencyMs, random: () => jitter });
      const { clock, settled } = line.virtual;
      const broken = await line.ring();
      const { call, caller, told, heard } = broken;
      await settled(call.answer());
      const startMs = clock.now();
      caller.say(counting(spokenMs));
      const spoken = call.play(counting(spokenMs));
      const sent = keysAtMs.map((ms, index) => {
        const done = Promise.withResolvers<void>();
        clock.setTimer(startMs + ms, () => done.resolve(call.sendDtmf(String(index))));
        clock.setTimer(startMs + ms, () => caller.press(String(index), { durationMs: 100 }));
        return done.promise;
      });

      await suffer(line, broken, faults);

      expect(await settled(spoken)).toBe('played');
      await settled(Promise.all(sent));
      await clock.advance(Math.max(0, startMs + spokenMs - clock.now()) + 5_000);
      expectCounted(caller.heard(), spokenMs);
      expect(differences(heard, await undisturbed(latencyMs))).toEqual([]);
      expect(heard.length).toBeGreaterThan(spokenMs / 20 + 50);
      const keys = keysAtMs.map((ms, index) => ({ ms, key: String(index) })).sort((a, b) => a.ms - b.ms);
      const pressed = told.flatMap((event) => (event.type === 'call.dtmf' ? [event.digit] : []));
      expect(pressed).toEqual(keys.map(({ key }) => key));
      const received = caller.events.flatMap((event) => (event.type === 'dtmf' ? [event.digits] : []));
      expect(received.toSorted()).toEqual(keys.map(({ key }) => key).toSorted());
      expect(told.filter(({ type }) => type === 'call.answered')).toHaveLength(1);
      outages += told.filter(({ type }) => type === 'call.resumed').length;
      await settled(call.disconnect());
      expect(told.filter(({ type }) => type === 'call.terminated')).toMatchObject([{ reason: 'disconnected' }]);
      expect(await line.close()).toBe(0);
    }),
    { numRuns: 200 },
  );
  expect(outages).toBeGreaterThan(200);
}, 120_000);

/** What an agent in a conference does next, and when. */
const deed = fc.record({
  afterMs: fc.integer({ min: 0, max: 700 }),
  verb: fc.constantFrom('say', 'say', 'say', 'clear', 'whisper', 'barge'),
  saidMs: fc.integer({ min: 20, max: 900 }),
});

const conversation = fc.record({
  latencyMs: fc.constantFrom(0, 25),
  faults: faultList,
  deeds: fc.array(deed, { minLength: 3, maxLength: 14 }),
  jitter: fc.double({ min: 0, max: 0.99, noNaN: true }),
});

it('nothing from before a clear is heard behind it, and no whisper by the caller, whatever happens to the media connection', async () => {
  await fc.assert(
    fc.asyncProperty(conversation, async ({ latencyMs, faults, deeds, jitter }) => {
      const line = await openBreakableLine({ latencyMs, random: () => jitter });
      const { clock, settled } = line.virtual;
      const broken = await line.ring({ callee: { answerAfterMs: 100 } });
      const { call, caller, callee } = broken;
      await settled(call.connect());
      // What comes before is the tone of the ringing.
      const fromMs = caller.heardMs;
      const speaker = new Speaker();
      const waits: Promise<unknown>[] = [];
      let cleared = 0;
      let discarded = false;
      const act = ({ verb, saidMs }: (typeof deeds)[number]): void => {
        if (verb === 'say') waits.push(call.sendAudio(speaker.say(saidMs)));
        else speaker.begin(verb);
        if (verb === 'clear') {
          waits.push(
            call.clearSendAudioBuffer().then(({ clearedSamples }) => {
              cleared += clearedSamples;
            }),
          );
        }
        if (verb === 'whisper') waits.push(call.whisper());
        if (verb === 'barge') {
          waits.push(call.barge());
          discarded = true;
        }
      };
      let atMs = clock.now();
      for (const next of deeds) {
        atMs += next.afterMs;
        clock.setTimer(atMs, () => act(next));
      }
      await suffer(line, broken, faults);
      await clock.advance(Math.max(0, atMs - clock.now()) + 1);
      await settled(Promise.all(waits));
      expect(await settled(call.waitForPlayout())).toBe('played');
      await clock.advance(200);
      const heard = speaker.parse(callee.heard());
      if (!discarded) expect(heard.samples).toBe(call.queuedSamples - cleared);
      expect(speaker.parse(caller.heard({ fromMs })).groups.filter((group) => !speaker.forCaller.has(group))).toEqual(
        [],
      );
      expect(call.mode).toBe(speaker.mode);
      expect(call.playedSamples).toBe(call.queuedSamples);
      await settled(call.disconnect());
      expect(await line.close()).toBe(0);
    }),
    { numRuns: 200 },
  );
}, 120_000);

/** Samples of one group; groups are told apart by value, and their samples by where they are in it. */
const groupSamples = 4_000;

/** An agent whose every word tells behind which clear or change of mode it was said. */
class Speaker {
  /** Groups that the caller may hear. */
  readonly forCaller = new Set([0]);
  mode: 'barge' | 'whisper' = 'barge';
  #group = 0;
  #said = 0;

  begin(verb: 'clear' | 'whisper' | 'barge'): void {
    if (verb !== 'clear') this.mode = verb;
    this.#group++;
    this.#said = 0;
    if (this.mode === 'barge') this.forCaller.add(this.#group);
  }

  say(durationMs: number): Int16Array {
    const start = this.#said;
    this.#said += durationMs * 24;
    const base = (this.#group - 7) * groupSamples;
    return Int16Array.from(
      { length: durationMs * 24 },
      (_, i) => base + ((start + i) % groupSamples) + (base < 0 ? -1 : 1),
    );
  }

  /** The groups that were heard. Fails if they are out of order, or a group is not heard from where it stopped. */
  parse(heard: Int16Array): { readonly groups: readonly number[]; readonly samples: number } {
    const groups: number[] = [];
    let samples = 0;
    let next = 0;
    for (const sample of heard) {
      if (sample === 0) continue;
      samples++;
      const group = Math.floor((sample < 0 ? sample + 1 : sample - 1) / groupSamples) + 7;
      const place = (sample < 0 ? sample + 1 : sample - 1) - (group - 7) * groupSamples;
      const last = groups.at(-1);
      if (group !== last) {
        if (last !== undefined && group < last) expect.fail(`group ${group} is heard behind ${last}`);
        groups.push(group);
      } else if (place !== next) {
        expect.fail(`group ${group}: ${place} is heard instead of ${next}`);
      }
      next = (place + 1) % groupSamples;
    }
    return { groups, samples };
  }
}
