import { type Bridge, bridgeCall } from '@agentao/agent';
import { createLab } from '@agentao/testing';
import { describe, expect, it } from 'vitest';
import { openBreakableLine } from '../breakable-line.ts';
import { counting } from '../counting-tone.ts';
import { bridging, handModel, type HandModel } from './hand-model.ts';

const lengthMs = ({ pieces, inputRateHz }: HandModel): number =>
  pieces.reduce((sum, { length }) => sum + (length * 1000) / inputRateHz, 0);

describe('what a model hears', () => {
  it('is as long as the call, also where a gap is in it', async () => {
    const line = await openBreakableLine();
    const { clock, settled } = line.virtual;
    const { call, caller, media, heard } = await line.ring();
    await settled(call.answer());
    const model = handModel();
    const bridge = await settled(bridgeCall(call, model));
    caller.say(counting(8_000));
    await clock.advance(1_000);
    const before = { ms: clock.now(), heardMs: lengthMs(model) };
    // A client that does not read for so long loses what is more than a second old.
    media()?.stall('toClient');
    await clock.advance(1_600);
    media()?.resume();
    await clock.advance(2_000);
    const gaps = heard.flatMap(({ position }, index) => {
      const last = heard[index - 1];
      const missing = last === undefined ? 0 : position - last.position - last.samples.length;
      return missing === 0 ? [] : [(missing * 1000) / call.sampleRateHz];
    });
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toBeGreaterThan(300);
    expect(Math.abs(lengthMs(model) - before.heardMs - (clock.now() - before.ms))).toBeLessThanOrEqual(model.chunkMs);
    const silent = model.pieces.filter((piece) => piece.every((sample) => sample === 0));
    expect(Math.abs(silent.length * model.chunkMs - (gaps[0] ?? 0))).toBeLessThanOrEqual(3 * model.chunkMs);
    await settled(bridge.close());
    await settled(call.disconnect());
    await line.close();
  });
});

describe('a text for a model that takes none while audio flows', () => {
  it('waits until the caller has finished, and is sent then', async () => {
    const model = handModel();
    const bridges: Bridge[] = [];
    await using lab = await createLab({ handler: bridging(model, bridges) });
    const call = await lab.phone('+15550001').call();
    await call.says('this is what I have to say');
    const finishedMs = lab.clock.now();
    bridges[0]?.sendText('The shop closes in a minute.');
    bridges[0]?.sendText('Say so.');
    expect(model.texts).toEqual([]);
    await lab.pass(1_000);
    expect(model.texts.map(({ text }) => text)).toEqual(['The shop closes in a minute.', 'Say so.']);
    for (const { atMs } of model.texts) {
      expect(atMs - finishedMs).toBeGreaterThan(200);
      expect(atMs - finishedMs).toBeLessThan(400);
    }
    call.hangUp();
    await lab.handled();
  });

  it('waits until the model was heard, and is sent then', async () => {
    const model = handModel();
    const bridges: Bridge[] = [];
    await using lab = await createLab({ handler: bridging(model, bridges) });
    const call = await lab.phone('+15550001').call();
    await call.answered();
    model.says('one two three');
    model.does({ type: 'turn-complete' });
    bridges[0]?.sendText('Go on.');
    await call.hears('two');
    expect(model.texts).toEqual([]);
    await call.hears('three');
    await lab.pass(200);
    expect(model.texts.map(({ text }) => text)).toEqual(['Go on.']);
    call.hangUp();
    await lab.handled();
  });

  it('does not wait where the model takes text at any time', async () => {
    const model = handModel({ textDuringAudio: true });
    const bridges: Bridge[] = [];
    await using lab = await createLab({ handler: bridging(model, bridges) });
    const call = await lab.phone('+15550001').call();
    await call.answered();
    model.says('one two three');
    await call.says('and I');
    bridges[0]?.sendText('Go on.');
    expect(model.texts).toEqual([{ text: 'Go on.', answer: true, atMs: lab.clock.now() }]);
    call.hangUp();
    await lab.handled();
  });
});
