import { describe, expect, it } from 'vitest';
import { brokenMediaRules } from './media-rules.ts';
import { fences } from './protocol-text.ts';
import { readTranscript, type Step } from './transcript.ts';

const transcripts = fences('transcript').map((fence, index) => ({ index, socket: fence.info[1], fence }));
const media = transcripts.filter(({ socket }) => socket === 'media').map(({ fence }) => readTranscript(fence));

describe('the transcripts of PROTOCOL.md', () => {
  it.each(transcripts)('$index on the $socket socket: every line is a message that decodes to itself', ({ fence }) => {
    expect(readTranscript(fence).length).toBeGreaterThan(3);
  });

  it.each(media.map((steps) => ({ steps })))('keep the rules of order, positions and credit', ({ steps }) => {
    expect(brokenMediaRules(steps)).toEqual([]);
  });

  it('would be caught breaking them', () => {
    const example = media[0] ?? [];
    const edited = (edit: (step: Step) => Step) => brokenMediaRules(example.map(edit));
    const audio = (change: (step: Extract<Step, { kind: 'audio' }>) => Step) =>
      edited((step) => (step.kind === 'audio' && step.from === 'client' ? change(step) : step));
    const text = (type: string, fields: object) =>
      edited((step) =>
        step.kind === 'text' && step.message.type === type
          ? { ...step, message: { ...step.message, ...fields } }
          : step,
      );
    expect(audio((step) => ({ ...step, samples: step.samples + 1 }))).toEqual(expect.arrayContaining(['A-07', 'A-08']));
    expect(audio((step) => ({ ...step, header: { ...step.header, track: 0 } }))).toContain('A-06');
    expect(text('clear', { generation: 2 })).toContain('K-17 generation');
    expect(text('clear', { position: 100 })).toContain('K-17 position');
    expect(text('event', { seq: 7 })).toContain('M-09');
    expect(text('credit', { upTo: 1 })).toContain('A-08 never falls');
    expect(text('playout', { played: 1 })).toContain('A-17');
    expect(text('playout', { played: 1e6 })).toContain('A-13');
    expect(text('response', { id: 99 })).toEqual(expect.arrayContaining(['M-06', 'M-03 close']));
  });
});
