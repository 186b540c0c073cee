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

  it('would be caught breaking them behind a resume', () => {
    const example = media.find((steps) => steps[0]?.kind === 'text' && steps[0].message.type === 'resume') ?? [];
    const edited = (edit: (step: Step, index: number) => Step | undefined) =>
      brokenMediaRules(example.flatMap((step, index) => edit(step, index) ?? []));
    const heard = (change: (step: Extract<Step, { kind: 'audio' }>) => Step | undefined) =>
      edited((step) => (step.kind === 'audio' && step.from === 'switch' ? change(step) : step));
    expect(example.length).toBeGreaterThan(10);
    expect(heard((step) => ({ ...step, header: { ...step.header, flags: 1 } }))).toEqual([]);
    expect(heard((step) => (step.header.position === 72_000 ? undefined : step))).toContain('R-04');
    expect(heard((step) => ({ ...step, header: { ...step.header, track: 1 } }))).toContain('R-04 flag');
    expect(edited((step) => (isEvent(step, 'call.dtmf') ? undefined : step))).toContain('M-09');
    expect(edited((step) => (isEvent(step, 'call.resumed') ? undefined : step))).toContain('R-03 order');
    const resumedWith = (fields: object) =>
      edited((step) =>
        step.kind === 'text' && step.message.type === 'resumed'
          ? { ...step, message: { ...step.message, ...fields } }
          : step,
      );
    expect(resumedWith({ received: 20_000 })).toEqual(expect.arrayContaining(['R-06', 'A-07']));
    expect(resumedWith({ type: 'attached' })).toContain('M-02');
  });
});

function isEvent(step: Step, type: string): boolean {
  return step.kind === 'text' && (step.message['event'] as { readonly type?: string } | undefined)?.type === type;
}
