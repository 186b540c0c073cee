import { describe, expect, it } from 'vitest';
import { converse } from './conversation-fixture.ts';
import type { ModelRule } from './rules.ts';

const workshop: readonly ModelRule[] = [
  { hears: 'greet', say: 'Hello, the workshop.' },
  { hears: 'ticket (?<ticket>\\d+)', call: { name: 'status', args: { ticket: '{ticket}' } } },
];

describe('a model that is told when the caller speaks', () => {
  it('takes what is between start and end as one turn, however long its pauses are, and waits for the end', async () => {
    using talk = converse(workshop, { toldActivity: true });
    await talk.says('Is ticket 1 ready?');
    expect(talk.events).toEqual([]);
    talk.model.activityStart();
    await talk.says('Is ticket');
    // No sound at all.
    await talk.clock.advance(20_000);
    await talk.says('42');
    talk.model.audioStreamEnd();
    expect(talk.said()).toBe('');
    expect(talk.types()).not.toContain('activity-end');
    talk.model.activityEnd();
    await talk.silence(3_000);
    expect(talk.calls()).toEqual([{ id: 'call-1', name: 'status', args: { ticket: '42' } }]);
    expect(talk.types().filter((type) => type.startsWith('activity'))).toEqual(['activity-start', 'activity-end']);
  });

  it('is interrupted by the start, before a word is heard', async () => {
    using talk = converse(workshop, { toldActivity: true });
    talk.model.read('greet the caller');
    await talk.silence(700);
    talk.model.activityStart();
    expect(talk.types().slice(-2)).toEqual(['interrupted', 'turn-complete']);
  });

  it('is told nothing where it listens for itself', async () => {
    using talk = converse(workshop);
    talk.model.activityStart();
    talk.model.activityEnd();
    await talk.silence(1_000);
    expect(talk.events).toEqual([]);
  });
});
