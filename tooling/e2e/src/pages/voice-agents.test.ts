import { afterAll, describe, expect, it } from 'vitest';
import { readPage, tableUnder } from './page.ts';
import { runBlock } from './run-block.ts';
import { openSpanRecorder } from './span-recorder.ts';

const page = readPage('docs/voice-agents.md');
afterAll(() => page.expectAllRun());

describe('the page about voice agents', () => {
  it('has a whole agent whose test passes, with the spans that the page on telemetry lists', async () => {
    using recorder = openSpanRecorder();
    const printed: string[] = [];
    const output = { log: (text: string) => void printed.push(text), error: () => undefined };
    await runBlock(page.code('A whole one, and its test'), { console: output });
    expect(printed).toEqual(['Hello, this is the workshop. It is ready. Goodbye.']);
    const rows = tableUnder(readPage('docs/telemetry.md'), 'Spans of a voice agent');
    const quoted = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
    const listed = new Map(rows.map(([span, , attributes]) => [quoted(span)[0], quoted(attributes)]));
    const call = recorder.only('agentao.call').spanContext().traceId;
    const spans = recorder.spans.filter(({ name }) => name.startsWith('agentao.agent'));
    expect(new Set(spans.map(({ name }) => name))).toEqual(new Set(listed.keys()));
    for (const span of spans) {
      expect(listed.get(span.name), span.name).toEqual(expect.arrayContaining(Object.keys(span.attributes)));
      expect(span.spanContext().traceId, span.name).toBe(call);
    }
  });
});
