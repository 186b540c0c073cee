import { type AgentResult, type Bridge, type TranscriptUpdate, voiceAgent } from '@agentao/agent';
import { tone } from '@agentao/audio';
import { createLab, type ModelRules, scriptedModel, tonesVoice, type Voice } from '@agentao/testing';
import { describe, expect, it } from 'vitest';
import { bridging, handModel } from './hand-model.ts';
import { soundsHeard } from './sounds-heard.ts';

const rules: ModelRules = {
  rules: [
    { hears: 'greet', say: 'Hello caller.' },
    { hears: 'long', say: 'aaa bbb ccc ddd eee fff ggg hhh iii jjj.' },
    { hears: 'stop', say: 'Okay.' },
  ],
};

const note = (heard: string): string =>
  heard === ''
    ? '[The caller interrupted you before anything of your last answer was heard.]'
    : `[The caller interrupted you. Of your last answer only this was heard: "${heard}"]`;

describe('a model that was interrupted', () => {
  it('is told how many milliseconds and which words were heard, where it can be told so', async () => {
    const model = scriptedModel(rules, { abilities: { truncation: true, textDuringAudio: true } });
    await using lab = await createLab({ handler: voiceAgent({ model, greeting: 'Greet the caller.' }) });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await call.says('long');
    await call.hears('bbb');
    await call.says('stop');
    const [session] = model.sessions;
    const [told = ''] = session?.notes ?? [];
    await call.hears('okay');
    const { fromMs = 0, toMs = 0 } = soundsHeard(lab, call)[1] ?? {};
    call.hangUp();
    const { turns } = (await lab.handled()) as AgentResult;
    const [, heardMs, heardText] = /^heard (\d+) ms: (.*)$/.exec(told) ?? [];
    expect(heardText).toBe(turns[1]?.heardText);
    expect(heardText).toMatch(/^aaa bbb( ccc)?$/);
    expect(Math.abs(Number(heardMs) - (toMs - fromMs))).toBeLessThanOrEqual(60);
    expect(session?.notes).toEqual([told]);
  });

  it('is told at once, and without an answer, where it takes text while audio flows', async () => {
    const model = scriptedModel(rules, { abilities: { textDuringAudio: true } });
    await using lab = await createLab({ handler: voiceAgent({ model, greeting: 'Greet the caller.' }) });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await call.says('long');
    await call.hears('bbb');
    await call.says('stop');
    // The last word has just left the caller: nobody knows yet that it was the last one.
    const notes = [...(model.sessions[0]?.notes ?? [])];
    await call.hears('okay');
    call.hangUp();
    const { turns } = (await lab.handled()) as AgentResult;
    expect(notes).toEqual([note(turns[1]?.heardText ?? '')]);
    expect(model.sessions[0]?.notes).toEqual(notes);
  });

  it('is told before the next text, once, where text has to wait', async () => {
    const model = handModel();
    const bridges: Bridge[] = [];
    await using lab = await createLab({ handler: bridging(model, bridges) });
    const call = await lab.phone('+15550001').call();
    await call.answered();
    model.says('one two three four five six');
    await call.hears('one two');
    model.does({ type: 'interrupted' }, { type: 'turn-complete' });
    await lab.pass(1_000);
    expect(model.texts).toEqual([]);
    bridges[0]?.sendText('It is noon.', { answer: false });
    bridges[0]?.sendText('Ask for the name.');
    const heardText = bridges[0]?.turns[0]?.heardText ?? '';
    expect(heardText).toMatch(/^one/);
    expect(model.texts.map(({ text, answer }) => [text, answer])).toEqual([
      [`${note(heardText)}\nIt is noon.`, false],
      ['Ask for the name.', true],
    ]);
    call.hangUp();
    await lab.handled();
  });

  it('is told of every interruption in order, also of one before which nothing was heard', async () => {
    const model = handModel();
    const bridges: Bridge[] = [];
    await using lab = await createLab({ handler: bridging(model, bridges) });
    const call = await lab.phone('+15550001').call();
    await call.answered();
    model.says('one two three four five six');
    await call.hears('one two');
    model.does({ type: 'interrupted' }, { type: 'turn-complete' });
    await lab.pass(500);
    model.says('seven');
    model.does({ type: 'interrupted' }, { type: 'turn-complete' });
    await lab.pass(500);
    bridges[0]?.sendText('Ask for the name.');
    const [first] = bridges[0]?.turns ?? [];
    expect(model.texts.map(({ text }) => text)).toEqual([
      `${note(first?.heardText ?? '')}\n${note('')}\nAsk for the name.`,
    ]);
    call.hangUp();
    await lab.handled();
  });
});

describe('what was heard', () => {
  it('is exact to the word where a model tells when its words end', async () => {
    const model = handModel();
    await using lab = await createLab({ handler: voiceAgent({ model }) });
    const call = await lab.phone('+15550001').call();
    await call.answered();
    // Half a second of the first word, and half a second of all the others.
    const words = 'once upon a time there was a king';
    words.split(' ').forEach((text, index) =>
      model.does({
        type: 'transcript',
        speaker: 'agent',
        text: `${text} `,
        final: false,
        endsAtMs: 500 + index * 70,
      }),
    );
    model.does({ type: 'audio', samples: tone({ frequencyHz: 440, sampleRateHz: 24_000, durationMs: 990 }) });
    await lab.pass(680);
    model.does({ type: 'interrupted' }, { type: 'turn-complete' });
    await lab.pass(100);
    call.hangUp();
    const { transcript, turns } = (await lab.handled()) as AgentResult;
    const [{ startMs = 0, endMs = 0 } = {}] = turns;
    const heard = words.split(' ').filter((_, index) => 500 + index * 70 <= endMs - startMs);
    expect(heard.length).toBeGreaterThan(0);
    expect(transcript).toMatchObject([{ text: words, cutOff: { heardText: heard.join(' '), estimated: false } }]);
    expect(turns).toMatchObject([{ heardText: heard.join(' '), interrupted: true }]);
  });

  it('is estimated where it does not, and said to be wherever it is told', async () => {
    const tones = tonesVoice();
    const untimed: Voice = {
      ...tones,
      speak: async (text, options) => ({ ...(await tones.speak(text, options)), wordEndsMs: [] }),
    };
    const updates: TranscriptUpdate[] = [];
    const handler = voiceAgent({
      model: scriptedModel(rules, { voice: untimed }),
      greeting: 'Greet the caller.',
      onTranscript: (update) => void updates.push(update),
    });
    await using lab = await createLab({ handler });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await call.says('long');
    await call.hears('ccc');
    await call.says('stop');
    await call.hears('okay');
    await lab.pass(500);
    call.hangUp();
    const { transcript, turns } = (await lab.handled()) as AgentResult;
    const cutOff = { heardText: turns[1]?.heardText, estimated: true };
    const atEar = /aaa( \w{3}(?= ))*/.exec(call.heard('high'))?.[0] ?? '';
    const words = (text = ''): number => text.split(' ').length;
    expect(Math.abs(words(cutOff.heardText) - words(atEar))).toBeLessThanOrEqual(1);
    const cut = transcript.filter((utterance) => utterance.cutOff !== undefined);
    expect(cut).toMatchObject([{ speaker: 'agent', cutOff }]);
    expect(updates.filter((update) => update.cutOff !== undefined)).toMatchObject([{ final: true, cutOff }]);
    const noted = lab.annotations(lab.calls[0]?.callId ?? '').filter(({ kind }) => kind === 'transcript');
    expect(noted.map(({ data }) => (data as TranscriptUpdate).cutOff).filter(Boolean)).toEqual([cutOff]);
  });
});
