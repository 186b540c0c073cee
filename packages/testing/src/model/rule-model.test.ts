import { speech } from '@agentao/audio/speech';
import { describe, expect, it } from 'vitest';
import { chunkSamples, converse, inputRateHz } from './conversation-fixture.ts';
import type { ModelRule } from './rules.ts';
import { tonesVoice, type Voice } from './voice.ts';

const noise = (ms: number, peak: number, seed = 1): Int16Array => {
  let state = seed;
  return Int16Array.from({ length: (ms * inputRateHz) / 1000 }, () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return Math.round((state / 2 ** 31 - 1) * peak);
  });
};

const workshop: readonly ModelRule[] = [
  { hears: 'greet', say: 'Hello, the workshop.' },
  { hears: 'ticket (?<ticket>\\d+)', say: 'One moment.', call: { name: 'status', args: { ticket: '{ticket}' } } },
  { after: 'status', result: { state: 'ready' }, say: 'Your {result.bicycle} is ready.', become: 'told' },
  { after: 'status', say: 'I find no ticket {ticket}.' },
  { state: 'told', hears: 'thanks', say: 'Good bye, ticket {ticket}.' },
];

describe('a conversation', () => {
  it('goes on over three turns, with a value that is captured and a tool', async () => {
    using talk = converse(workshop);
    talk.model.read('greet the caller');
    await talk.silence(4000);
    expect(talk.said()).toBe('Hello, the workshop.');

    await talk.says('Is ticket 42 ready?');
    expect(talk.said()).toBe('One moment.');
    expect(talk.calls()).toEqual([{ id: 'call-1', name: 'status', args: { ticket: '42' } }]);
    expect(talk.types().at(-1)).toBe('tool-calls');
    talk.model.takeAnswer({ id: 'call-1', name: 'status', response: { output: { state: 'ready', bicycle: 'bike' } } });
    await talk.silence(6000);
    expect(talk.said()).toBe('Your bike is ready.');

    await talk.says('Thanks!');
    expect(talk.said()).toBe('Good bye, ticket 42.');
    const heard = talk.events.filter((event) => event.type === 'heard');
    expect(heard.map(({ text, final }) => (final ? '.' : text))).toEqual([
      'Is',
      'ticket',
      '42',
      'ready?',
      '.',
      'Thanks!',
      '.',
    ]);
    expect(talk.types().filter((type) => type === 'turn-complete')).toHaveLength(3);
    expect(talk.model.warnings).toEqual([]);
  });

  it('is answered by what is said in the end, though the caller paused in the middle of it', async () => {
    using talk = converse(workshop);
    await talk.says('Is ticket', { thenMs: 600 });
    await talk.says('42 ready?');
    expect(talk.said()).toBe('One moment.');
    expect(talk.types()).not.toContain('interrupted');
  });

  it('takes what is typed while the caller speaks as said by the caller, and what is typed later as a turn', async () => {
    using talk = converse([
      { hears: 'one two', say: 'Three' },
      { hears: 'four', say: 'Five' },
    ]);
    const sound = speech.encode('one', { sampleRateHz: inputRateHz });
    await talk.play(sound.slice(0, chunkSamples));
    talk.model.read('two');
    await talk.play(sound.slice(chunkSamples));
    await talk.silence(900);
    talk.model.read('four');
    talk.model.read('never answered', { answer: false });
    await talk.silence(4000);
    expect(talk.said()).toBe('Three Five');
    expect(talk.model.notes).toEqual(['never answered']);
  });

  it('ends a turn by the clock when no sound comes any more, and at once when the stream is said to pause', async () => {
    using talk = converse([{ hears: 'ready', say: 'Yes' }]);
    const sound = speech.encode('ready or not', { sampleRateHz: inputRateHz });
    await talk.play(sound.slice(0, sound.length - 2400));
    await talk.clock.advance(5000);
    expect(talk.said()).toBe('Yes');
    const texts = talk.events.flatMap((event) => (event.type === 'heard' && !event.final ? [event.text] : []));
    expect(texts.slice(0, 2)).toEqual(['ready', 'or']);
    expect(texts[2]).toMatch(/^no?-$/);
    await talk.play(sound);
    talk.model.audioStreamEnd();
    expect(talk.types().slice(-2)).toEqual(['activity-end', 'heard']);
  });

  it('keeps apart what two say at once', async () => {
    using talk = converse([{ hears: 'good morning.*wait here|wait here.*good morning', say: 'Both' }]);
    const low = speech.encode('Good morning', { sampleRateHz: inputRateHz, band: 'low' });
    const middle = speech.encode('Wait here', { sampleRateHz: inputRateHz, band: 'middle' });
    const both = Int16Array.from(low, (sample, i) => sample + (middle[i - 1500] ?? 0));
    await talk.play(both);
    await talk.silence(4000);
    expect(talk.said()).toBe('Both');
  });

  it('leaves noise and clicks unanswered', async () => {
    using talk = converse([]);
    for (const [ms, peak] of [
      [30, 20_000],
      [300, 8000],
      [6000, 3000],
    ] as const) {
      await talk.play(noise(ms, peak));
      await talk.silence(2000);
    }
    expect(talk.types()).toContain('activity-start');
    expect(talk.said()).toBe('');
    expect(talk.types()).not.toContain('turn-complete');
  });
});

describe('what it says', () => {
  it('is given out ahead of time, in short pieces, each word before its sound and with its end', async () => {
    const voiced: Int16Array[] = [];
    let samplesGiven = 0;
    let latestLeadMs = 0;
    using talk = converse([{ say: 'Good morning, this is the workshop and I am listening' }], {
      leadMs: 1000,
      onEvent: (event) => {
        if (event.type !== 'audio') return;
        voiced.push(event.samples);
        samplesGiven += event.samples.length;
        expect(event.samples.length).toBeLessThanOrEqual(4800);
        const first = talk.events.find(({ type }) => type === 'audio');
        latestLeadMs = Math.max(latestLeadMs, samplesGiven / 24 - (talk.clock.now() - (first?.atMs ?? 0)));
      },
    });
    talk.model.read('speak');
    await talk.silence(9000);
    expect(latestLeadMs).toBeGreaterThan(800);
    expect(latestLeadMs).toBeLessThanOrEqual(1000);
    const sound = Int16Array.from(voiced.flatMap((piece) => [...piece]));
    expect(speech.decode(sound, { bands: ['high'] })).toBe('Good morning, this is the workshop and I am listening');
    let given = 0;
    for (const event of talk.events) {
      if (event.type === 'audio') given += event.samples.length / 24;
      if (event.type === 'said') expect(event.endsAtMs).toBeGreaterThan(given);
    }
    expect(talk.types().slice(-2)).toEqual(['generation-complete', 'turn-complete']);
    const [first, done] = [talk.events.find(({ type }) => type === 'audio'), talk.events.at(-1)];
    expect((done?.atMs ?? 0) - (first?.atMs ?? 0)).toBeCloseTo(sound.length / 24, 3);
  });

  it('is said by tones where the voice fails, and the author is told', async () => {
    const voice = { name: 'hoarse', sampleRateHz: 16_000, speak: () => Promise.reject(new Error('no breath')) };
    using talk = converse([{ say: 'Hello' }], { voice });
    talk.model.read('speak');
    await talk.silence(2000);
    expect(talk.said()).toBe('Hello');
    expect(talk.model.warnings).toEqual(['the voice hoarse failed, tones speak: Error: no breath']);
  });

  it('is told word by word, without times, where the voice knows none', async () => {
    const voice = {
      name: 'plain',
      sampleRateHz: 8000,
      speak: () => Promise.resolve({ samples: new Int16Array(16_000), wordEndsMs: [] }),
    };
    using talk = converse([{ say: 'one two three four' }], { voice, leadMs: 200 });
    talk.model.read('speak');
    await talk.silence(4000);
    const words = talk.events.filter((event) => event.type === 'said');
    expect(words.map(({ text, endsAtMs }) => [text, endsAtMs])).toEqual(
      ['one', 'two', 'three', 'four'].map((word) => [word, undefined]),
    );
    expect(new Set(words.map(({ atMs }) => atMs)).size).toBe(4);
  });

  it('can be said and called unasked, in the order in which it is wished', async () => {
    using talk = converse([{ after: 'look', say: 'Looked' }]);
    talk.model.say('First');
    talk.model.call('look', { at: 1 });
    await talk.silence(2000);
    talk.model.takeAnswer({ id: 'call-1', name: 'look', response: {} });
    talk.model.takeAnswer({ id: 'call-7', name: 'look', response: {} });
    await talk.silence(3000);
    expect(talk.said()).toBe('First Looked');
    expect(talk.calls()).toEqual([{ id: 'call-1', name: 'look', args: { at: 1 } }]);
  });
});

describe('an interruption', () => {
  const long = 'This is a long sentence that goes on and on until somebody says something else';

  it('stops what is said, whenever it comes: nothing of it comes after "interrupted"', async () => {
    let random = 7;
    const next = (below: number): number => {
      random = (random * 48_271) % 2_147_483_647;
      return random % below;
    };
    const word = speech.encode('stop', { sampleRateHz: inputRateHz });
    const lengthMs = speech.encode(long).length / 24;
    const okSamples = speech.encode('ok').length;
    const tones = tonesVoice();
    const known = new Map<string, ReturnType<Voice['speak']>>();
    const voice: Voice = {
      ...tones,
      speak: (text, options) => {
        const spoken = known.get(text) ?? tones.speak(text, options);
        known.set(text, spoken);
        return spoken;
      },
    };
    const rules = [
      { hears: 'speak', say: long },
      { hears: 'stop', say: 'ok' },
    ];
    let interrupted = 0;
    for (let seed = 0; seed < 200; seed++) {
      using talk = converse(rules, { voice });
      talk.model.read('speak');
      await talk.clock.advance(300 + next(Math.round(lengthMs) + 400));
      talk.model.hear(word);
      await talk.clock.advance(2500);
      const types = talk.types();
      const at = types.indexOf('interrupted');
      const later = talk.events.slice(at < 0 ? types.lastIndexOf('activity-start') : at + 1);
      expect(later.flatMap((event) => (event.type === 'said' ? [event.text] : []))).toEqual(['ok']);
      const given = later.reduce((sum, event) => sum + (event.type === 'audio' ? event.samples.length : 0), 0);
      expect(given).toBe(okSamples);
      if (at < 0) continue;
      interrupted++;
      expect(types[at + 1]).toBe('turn-complete');
      expect(types[at - 1]).toBe('activity-start');
    }
    expect(interrupted).toBeGreaterThan(100);
  });

  it('may be a noise, which needs no answer', async () => {
    using talk = converse([{ hears: 'speak', say: long }]);
    talk.model.read('speak');
    await talk.silence(1500);
    await talk.play(noise(200, 8000));
    await talk.silence(4000);
    expect(talk.types()).toContain('interrupted');
    expect(talk.types().filter((type) => type === 'turn-complete')).toHaveLength(1);
    expect(talk.types().at(-1)).toBe('activity-end');
  });

  it('leaves tools running, and what was said meanwhile is answered after them', async () => {
    using talk = converse([
      { hears: 'look', say: 'One moment please I look', call: [{ name: 'slow' }, { name: 'quick' }] },
      { hears: 'hurry', say: 'I hurry' },
      { after: 'slow', say: 'Slow' },
      { after: 'quick', say: 'Quick' },
    ]);
    talk.model.read('look');
    await talk.silence(1700);
    expect(talk.calls().map(({ name }) => name)).toEqual(['slow', 'quick']);
    await talk.says('hurry', { thenMs: 1000 });
    expect(talk.types()).toContain('interrupted');
    talk.said();
    talk.model.takeAnswer({ id: 'call-2', name: 'quick', response: {} });
    await talk.silence(2000);
    expect(talk.said()).toBe('Quick');
    talk.model.takeAnswer({ id: 'call-1', name: 'slow', response: {} });
    await talk.silence(4000);
    expect(talk.said()).toBe('Slow I hurry');
    expect(talk.types()).not.toContain('tools-cancelled');
  });
});

describe('faults', () => {
  it('cancel tools where a rule asks for it: its own, or those that run', async () => {
    using talk = converse([
      { hears: 'look', call: { name: 'slow' } },
      { hears: 'never mind', say: 'Fine', fault: 'cancel-tools' },
      { hears: 'flaky', call: { name: 'flaky' }, fault: 'cancel-tools' },
      { after: 'slow', say: 'Never said' },
    ]);
    talk.model.read('look');
    await talk.silence(1000);
    await talk.says('Never mind', { thenMs: 3000 });
    expect(talk.said()).toBe('Fine');
    talk.model.takeAnswer({ id: 'call-1', name: 'slow', response: {} });
    talk.model.read('flaky');
    await talk.silence(2000);
    expect(talk.said()).toBe('');
    const cancelled = talk.events.flatMap((event) => (event.type === 'tools-cancelled' ? event.ids : []));
    expect(cancelled).toEqual(['call-1', 'call-2']);
    expect(talk.types().at(-1)).toBe('turn-complete');
  });

  it('are told before what is said, or in the middle of it', async () => {
    using talk = converse([
      { hears: 'now', say: 'Well well well', fault: 'drop' },
      { hears: 'middle', say: 'one two three four five six', fault: 'go-away-mid-sentence' },
    ]);
    talk.model.read('now');
    talk.model.read('middle');
    await talk.silence(7000);
    const words = talk.events.flatMap((event) =>
      event.type === 'said' ? [event.text] : event.type === 'fault' ? [`(${event.fault})`] : [],
    );
    expect(words.join(' ')).toMatch(/^\(drop\) Well well well one two three( four)? \(go-away-mid-sentence\)/);
    expect(words.at(-1)).toBe('six');
  });
});

describe('a model that was saved', () => {
  it('goes on in another one, wherever it was: with its captures, tools that run and the rest of a sentence', async () => {
    using first = converse(workshop);
    first.model.read('ticket 42');
    await first.silence(1800);
    expect(first.types().at(-1)).toBe('tool-calls');
    const saved: unknown = JSON.parse(JSON.stringify(first.model.save()));
    using second = converse(workshop, { leadMs: 200 });
    second.model.restore(saved);
    second.model.takeAnswer({
      id: 'call-1',
      name: 'status',
      response: { output: { state: 'ready', bicycle: 'bike' } },
    });
    await second.silence(800);
    const begun = second.said();
    expect(begun.split(' ')).toHaveLength(2);
    const middle: unknown = JSON.parse(JSON.stringify(second.model.save()));
    using third = converse(workshop);
    third.model.restore(middle);
    await third.silence(4000);
    expect(`${begun} ${third.said()}`).toBe('Your bike is ready.');
    await third.says('thanks');
    expect(third.said()).toBe('Good bye, ticket 42.');
  });

  it('takes nothing that was not saved by one, nor what belongs to other rules', () => {
    using talk = converse(workshop);
    using other = converse([]);
    for (const saved of [undefined, 'x', {}, other.model.save()]) {
      expect(() => talk.model.restore(saved)).toThrow(TypeError);
    }
  });
});

describe('a model that is closed', () => {
  it('leaves no timer and tells nothing, in whatever it was interrupted', async () => {
    for (const ms of [0, 200, 400, 900, 1500, 2500, 4000]) {
      using talk = converse([{ hears: 'go', say: 'Here we go again', call: { name: 'a' }, fault: 'cancel-tools' }]);
      talk.model.read('go');
      await talk.clock.advance(ms);
      talk.model.hear(noise(100, 8000));
      talk.model.close();
      talk.model.close();
      const told = talk.events.length;
      expect(talk.clock.pendingTimers).toBe(0);
      talk.model.hear(noise(1000, 8000));
      talk.model.read('go');
      talk.model.say('go');
      talk.model.cancelTools();
      talk.model.audioStreamEnd();
      await talk.clock.advance(3000);
      expect(talk.events).toHaveLength(told);
    }
  });

  it('may be closed by what it tells', async () => {
    for (const type of [
      'activity-start',
      'heard',
      'said',
      'audio',
      'tool-calls',
      'generation-complete',
      'turn-complete',
    ]) {
      const told: string[] = [];
      using talk = converse(
        [
          { hears: 'go', say: 'Here we go' },
          { hears: 'tool', call: { name: 'a' } },
        ],
        {
          onEvent: (event) => {
            told.push(event.type);
            if (event.type === type) talk.model.close();
          },
        },
      );
      await talk.says(type === 'tool-calls' ? 'tool' : 'go', { thenMs: 4000 });
      expect(told.at(-1)).toBe(type);
      expect(talk.clock.pendingTimers).toBe(0);
    }
  });

  it('is not made with rates and times that it cannot work with', () => {
    expect(() => converse([], { inputRateHz: 11_111 })).toThrow(RangeError);
    expect(() => converse([], { leadMs: 0 })).toThrow(RangeError);
    expect(() => converse([], { endOfSpeechMs: 0 })).toThrow(RangeError);
  });
});
