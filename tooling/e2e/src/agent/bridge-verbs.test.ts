import type { Bridge } from '@agentao/agent';
import { speech } from '@agentao/audio/speech';
import { createLab, type Lab, type LabCall } from '@agentao/testing';
import { describe, expect, it } from 'vitest';
import { bridging, handModel, type HandModel } from './hand-model.ts';
import { soundsHeard } from './sounds-heard.ts';

const clip = speech.encode('this is a clip', { sampleRateHz: 24_000, band: 'high' });

interface Talk extends AsyncDisposable {
  readonly lab: Lab;
  readonly call: LabCall;
  readonly bridge: Bridge;
  readonly model: HandModel;
}

/** A call that is answered, with a bridge on it. */
async function openTalk(): Promise<Talk> {
  const model = handModel();
  const bridges: Bridge[] = [];
  const lab = await createLab({ handler: bridging(model, bridges) });
  const call = await lab.phone('+15550001').call();
  await call.answered();
  const [bridge] = bridges;
  if (bridge === undefined) throw new Error('there is no bridge');
  return { lab, call, bridge, model, [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose]() };
}

/** Where a promise has come to, by the time that has passed. */
function outcomeOf(promise: Promise<string>): { value: string } {
  const outcome = { value: 'open' };
  void promise.then((value) => (outcome.value = value));
  return outcome;
}

describe('a clip that a bridge plays', () => {
  it('is heard before what the model says next, which then is heard whole', async () => {
    await using talk = await openTalk();
    const { lab, call, bridge, model } = talk;
    const outcome = outcomeOf(bridge.play(clip));
    model.says('and the model');
    model.does({ type: 'turn-complete' });
    await call.hears('this is a clip and the model');
    await lab.pass(100);
    expect(outcome.value).toBe('heard');
  });

  it('is heard after what the model has said, however much of it waits', async () => {
    await using talk = await openTalk();
    const { call, bridge, model } = talk;
    const words = Array.from({ length: 55 }, (_, index) => `word${index}`).join(' ');
    model.says(words);
    const outcome = outcomeOf(bridge.play(clip));
    await call.hears(`${words} this is a clip`, { withinMs: 60_000 });
    await talk.lab.pass(200);
    expect(outcome.value).toBe('heard');
  });

  it('is refused where it is no audio', async () => {
    await using talk = await openTalk();
    await expect(talk.bridge.play(new Uint8Array([1, 2, 3]))).rejects.toThrow('16-bit PCM');
  });

  it('is cut off by a caller who speaks', async () => {
    await using talk = await openTalk();
    const { lab, call, bridge } = talk;
    const outcome = outcomeOf(bridge.play(clip));
    await call.says('but I');
    await lab.pass(2_000);
    expect(outcome.value).toBe('interrupted');
    expect(call.heard('high')).not.toContain('clip');
  });

  it('is over with the call', async () => {
    await using talk = await openTalk();
    const { lab, call, bridge } = talk;
    const outcome = outcomeOf(bridge.play(clip));
    await lab.pass(300);
    call.hangUp();
    await lab.pass(100);
    expect(outcome.value).toBe('ended');
  });
});

describe('an interruption by the program', () => {
  it('silences the model at once, and is a turn that was cut off', async () => {
    await using talk = await openTalk();
    const { lab, call, bridge, model } = talk;
    model.says('one two three four five six');
    const heard = outcomeOf(bridge.turnHeard());
    await call.hears('one two');
    void bridge.interrupt();
    const silentMs = lab.clock.now();
    model.does({ type: 'turn-complete' });
    await lab.pass(1_000);
    expect((soundsHeard(lab, call).at(-1)?.toMs ?? 0) - silentMs).toBeLessThanOrEqual(40);
    expect(heard.value).toBe('interrupted');
    expect(bridge.turns).toMatchObject([{ interrupted: true, text: 'one two three four five six' }]);
  });
});

describe('what a model still says that does not know of the interruption', () => {
  it('is heard by nobody, and what it says next is', async () => {
    await using talk = await openTalk();
    const { lab, call, bridge, model } = talk;
    model.says('one two three four');
    await call.hears('one two');
    void bridge.interrupt();
    for (let i = 0; i < 10; i++) {
      await lab.pass(1_000);
      model.says('rest');
    }
    model.does({ type: 'turn-complete' });
    await lab.pass(100);
    model.says('next');
    model.does({ type: 'turn-complete' });
    await call.hears('next');
    await lab.pass(1_000);
    expect(call.heard('high')).not.toContain('rest');
    expect(bridge.turns).toMatchObject([{ interrupted: true }, { text: 'next', heardText: 'next' }]);
  });

  it('is over with its own interruption, or when nothing has come for five seconds', async () => {
    await using talk = await openTalk();
    const { lab, call, bridge, model } = talk;
    model.says('one two three four');
    await call.hears('one two');
    void bridge.interrupt();
    model.does({ type: 'interrupted' });
    model.says('five six seven eight');
    await call.hears('five six');
    void bridge.interrupt();
    await lab.pass(5_100);
    model.says('nine');
    await call.hears('nine');
  });
});

describe('the wait for a turn', () => {
  it('is over when all of it was heard', async () => {
    await using talk = await openTalk();
    const { lab, call, bridge, model } = talk;
    const heard = outcomeOf(bridge.turnHeard());
    await lab.pass(5_000);
    model.says('one two three four');
    model.does({ type: 'turn-complete' });
    await call.hears('one two three');
    expect(heard.value).toBe('open');
    await call.hears('four');
    await lab.pass(100);
    expect(heard.value).toBe('heard');
  });

  it('is given up when the model says nothing for so long', async () => {
    await using talk = await openTalk();
    const { lab, bridge } = talk;
    const [short, usual] = [outcomeOf(bridge.turnHeard({ timeoutMs: 1_000 })), outcomeOf(bridge.turnHeard())];
    await lab.pass(900);
    expect([short.value, usual.value]).toEqual(['open', 'open']);
    await lab.pass(200);
    expect([short.value, usual.value]).toEqual(['timeout', 'open']);
    await lab.pass(9_000);
    expect(usual.value).toBe('timeout');
  });
});

describe('a bridge that is not active', () => {
  it('drops what the model says, and lets it hear nothing, until it is again', async () => {
    await using talk = await openTalk();
    const { lab, call, bridge, model } = talk;
    bridge.active = false;
    const before = model.pieces.length;
    model.says('dropped');
    await call.says('unheard');
    expect(model.pieces).toHaveLength(before);
    bridge.active = true;
    model.says('said');
    model.does({ type: 'turn-complete' });
    await call.hears('said');
    expect(call.heard('high')).toBe('said');
    await lab.pass(200);
    expect(model.pieces.length).toBeGreaterThan(before);
    expect(bridge.transcript.map(({ text }) => text)).toEqual(['said']);
  });
});

describe('a bridge that does not speak', () => {
  it('drops what the model says, which hears all the same, until it speaks', async () => {
    await using talk = await openTalk();
    const { lab, call, bridge, model } = talk;
    bridge.speaks = false;
    const before = model.pieces.length;
    model.says('dropped');
    model.does({ type: 'turn-complete' });
    await call.says('heard');
    expect(model.pieces.length).toBeGreaterThan(before);
    bridge.speaks = true;
    model.says('said');
    model.does({ type: 'turn-complete' });
    await call.hears('said');
    expect(call.heard('high')).toBe('said');
    await lab.pass(200);
    expect(bridge.turns).toMatchObject([{ text: 'said' }]);
  });

  it('lets what was said before be heard to its end, or be cut off', async () => {
    await using talk = await openTalk();
    const { lab, call, bridge, model } = talk;
    model.says('one two three');
    bridge.speaks = false;
    model.does({ type: 'turn-complete' });
    await call.hears('one two three');
    await lab.pass(200);
    bridge.speaks = true;
    model.says('four five six');
    bridge.speaks = false;
    await call.hears('four');
    model.does({ type: 'interrupted' }, { type: 'turn-complete' });
    await lab.pass(2_000);
    expect(call.heard('high')).not.toContain('six');
    expect(bridge.turns).toMatchObject([{ interrupted: false }, { interrupted: true }]);
  });

  it('is not on the call: a model that is interrupted cuts off nothing there', async () => {
    await using talk = await openTalk();
    const { lab, call, bridge, model } = talk;
    bridge.speaks = false;
    void lab.calls[0]?.play(clip);
    model.says('dropped');
    await call.hears('this is');
    model.does({ type: 'interrupted' }, { type: 'turn-complete' });
    await call.hears('a clip');
  });

  it('tells what was heard by the times of words, though the turn had begun unheard', async () => {
    await using talk = await openTalk();
    const { lab, call, bridge, model } = talk;
    bridge.speaks = false;
    model.sounds('so much dropped');
    bridge.speaks = true;
    const droppedMs = (speech.encode('so much dropped', { sampleRateHz: 24_000, band: 'high' }).length * 1000) / 24_000;
    const words = ['one', 'two', 'three', 'four'];
    words.forEach((text, index) =>
      model.does({
        type: 'transcript',
        speaker: 'agent',
        text: `${text} `,
        final: false,
        endsAtMs: droppedMs + (index + 1) * 100,
      }),
    );
    model.sounds('one two three four');
    await call.hears('one two three');
    model.does({ type: 'interrupted' }, { type: 'turn-complete' });
    await lab.pass(500);
    expect(bridge.turns).toMatchObject([{ interrupted: true, heardText: 'one two three four' }]);
  });
});
