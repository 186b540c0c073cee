import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { exactly, message } from './message-schema.ts';

interface Note {
  readonly type: 'note';
  readonly text: string;
  readonly tags?: readonly string[];
}

const text = z.string();
const tags = z.exactOptional(z.array(z.string()));

it('a schema equal to its interface is accepted', () => {
  const note = exactly<Note>()(message('note', { text, tags }));
  expect(note.parse({ type: 'note', text: 'a', later: 1 })).toEqual({ type: 'note', text: 'a' });
});

it('a schema that differs from its interface in either direction does not compile', () => {
  const check = exactly<Note>();
  expect([
    // @ts-expect-error a field is missing
    check(message('note', { text })),
    // @ts-expect-error a field too many
    check(message('note', { text, tags, more: z.exactOptional(text) })),
    // @ts-expect-error an optional field is required
    check(message('note', { text, tags: z.array(text) })),
    // @ts-expect-error a required field is optional
    check(message('note', { text: z.exactOptional(text), tags })),
    // @ts-expect-error undefined is no JSON
    check(message('note', { text, tags: z.optional(z.array(text)) })),
    // @ts-expect-error another type of field
    check(message('note', { text: z.number(), tags })),
    // @ts-expect-error another type of message
    check(message('memo', { text, tags })),
    // @ts-expect-error narrower than the interface
    check(message('note', { text: z.literal('a'), tags })),
  ]).toHaveLength(8);
});
