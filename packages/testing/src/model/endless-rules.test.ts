import { describe, expect, it } from 'vitest';
import { converse } from './conversation-fixture.ts';
import type { ModelRule } from './rules.ts';

describe('rules that call tools after tools without end', () => {
  const endless: readonly ModelRule[] = [
    { hears: 'look', call: { name: 'look' } },
    { after: 'look', call: { name: 'look' } },
  ];

  it.each([false, true])(
    'do so sixty-four times, and again when the caller speaks (toolsEndTurns %s)',
    async (toolsEndTurns) => {
      using talk = converse(endless, {
        toolsEndTurns,
        onEvent: (event) => {
          if (event.type !== 'tool-calls') return;
          for (const { id, name } of event.calls)
            queueMicrotask(() => talk.model.takeAnswer({ id, name, response: {} }));
        },
      });
      talk.model.read('look');
      await talk.silence(60_000);
      expect(talk.calls()).toHaveLength(64);
      expect(talk.types().at(-1)).toBe('turn-complete');
      expect(talk.model.warnings).toEqual([
        'tools were called 64 times without a word of the caller; no more of them are',
      ]);
      talk.model.read('look again');
      await talk.silence(60_000);
      expect(talk.calls()).toHaveLength(128);
    },
  );
});
