import type { ActiveCall } from '@agentao/calls';
import { SpanKind, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { openVirtualLine, type VirtualLine } from '../virtual-line.ts';
import { calleeNumber } from '../virtual-switch.ts';
import { readPage, tableUnder } from './page.ts';
import { openProgramLine } from './program-line.ts';
import { runBlock } from './run-block.ts';
import { openSpanRecorder } from './span-recorder.ts';

const page = readPage('docs/telemetry.md');
afterAll(() => page.expectAllRun());

const quoted = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');

interface Row {
  readonly kind: string;
  readonly attributes: readonly string[];
}

/** The span tables of the page: rows of three or four cells, attributes last. */
function tables(): ReadonlyMap<string, Row> {
  const rows = ['Spans of a client', 'Spans of the switch'].flatMap((heading) => tableUnder(page, heading));
  return new Map(
    rows.map(([span, kind = '', ...rest]) => [quoted(span)[0] ?? '', { kind, attributes: quoted(rest.at(-1)) }]),
  );
}

/** Every verb, refused and taken, and every way in which a call goes on. */
async function everything(line: VirtualLine): Promise<void> {
  const { settled, callee, caller, clock } = line;
  const refused = (verb: Promise<unknown>): Promise<unknown> => settled(expect(verb).rejects.toThrow(/\w/));
  const hangUp = async (call: ActiveCall): Promise<void> => {
    caller.hangUp();
    await settled(call.ended);
  };
  const first = await line.ring();
  for (const mode of ['spy', 'barge', 'whisper'] as const) await refused(first[mode]({ keepQueued: true }));
  await refused(first.sendDtmf('x'));
  await refused(first.setContext(undefined));
  await refused(first.annotate('', undefined));
  await refused(first.play(new Uint8Array(3)));
  await settled(first.answer());
  await refused(first.answer());
  const cancel = new AbortController();
  const ringing = first.connect({ signal: cancel.signal });
  await clock.advance(1_000);
  cancel.abort();
  await refused(ringing);
  const connecting = first.connect({ ringTimeSeconds: 20, mode: 'spy' });
  await settled(callee.until('ringing'));
  callee.answer();
  await settled(connecting);
  for (const mode of ['barge', 'whisper', 'spy', 'barge'] as const) await settled(first[mode]());
  await settled(first.play(new Int16Array(4_800)));
  await settled(first.clearSendAudioBuffer());
  await settled(first.sendDtmf('4711'));
  await settled(first.setContext({ said: 'a long text of a caller' }));
  await settled(first.annotate('turn', { text: 'a long text of a caller' }));
  const reading = first.audioStream({ party: 'caller' })[Symbol.asyncIterator]();
  await settled(reading.next());
  await clock.advance(12_000);
  await hangUp(first);

  const second = await line.ring();
  await settled(second.close());
  caller.hangUp();
  await clock.advance(1_000);
  const third = await line.ring();
  await settled(third.answer());
  await settled(third.disconnect());
  await clock.advance(1_000);
  const fourth = await line.ring();
  await settled(fourth.forceDisconnect());
  await clock.advance(1_000);
  const fifth = await line.ring();
  line.network.connections().at(-1)?.cut();
  await settled(fifth.ended);
  await clock.advance(60_000);
}

describe('the page on telemetry', () => {
  it('lists every span with its kind and every attribute, and none that is not there', async () => {
    using recorder = openSpanRecorder();
    await using line = await openVirtualLine();
    await everything(line);
    const seen = new Map<string, Set<string>>();
    const kinds = new Map<string, string>();
    for (const { name, kind, attributes } of recorder.spans) {
      const all = seen.get(name) ?? new Set();
      for (const attribute of Object.keys(attributes)) all.add(attribute);
      seen.set(name, all);
      kinds.set(name, SpanKind[kind].toLowerCase());
    }
    const listed = tables();
    expect([...listed.keys()].sort()).toEqual([...seen.keys()].sort());
    for (const [name, { kind, attributes }] of listed) {
      expect(kind, name).toBe(kinds.get(name));
      expect(attributes, name).toEqual(expect.arrayContaining([...(seen.get(name) ?? [])]));
    }
    const possible = new Set([...seen.values()].flatMap((attributes) => [...attributes]));
    for (const { attributes } of listed.values())
      for (const attribute of attributes) expect(possible).toContain(attribute);
  });

  it('registers an SDK that prints', async () => {
    trace.disable();
    const print = vi.spyOn(console, 'dir').mockImplementation(() => undefined);
    await runBlock(page.code('Register an SDK'));
    trace.getTracer('program').startSpan('printed').end();
    expect(print.mock.calls[0]?.[0]).toMatchObject({ name: 'printed' });
    print.mockRestore();
    trace.disable();
  });

  it('puts spans of the program below the call', async () => {
    using recorder = openSpanRecorder();
    await using line = openProgramLine();
    await line.start(page.code('Spans of your own'));
    line.phones.phone('+15550001').dial(calleeNumber);
    await line.clock.advance(1_000);
    const call = recorder.only('agentao.call');
    const greet = recorder.only('greet');
    const parentOf = ({ parentSpanContext }: ReadableSpan): string | undefined => parentSpanContext?.spanId;
    expect(call.attributes).toMatchObject({ 'my.tenant': 'north' });
    expect(parentOf(greet)).toBe(call.spanContext().spanId);
    expect(parentOf(recorder.only('agentao.call.answer'))).toBe(greet.spanContext().spanId);
    expect(parentOf(recorder.only('agentao.call.disconnect'))).toBe(call.spanContext().spanId);
    expect(recorder.only('agentao.switch.call').attributes['agentao.call.id']).toBe(call.attributes['agentao.call.id']);
  });

  it('counts lines of both packages, by level', async () => {
    const { linesOf } = (await runBlock(page.code('Logs'))) as { readonly linesOf: (level: string) => number };
    await using line = await openVirtualLine();
    const call = await line.ring();
    await line.settled(call.disconnect());
    const levels = tableUnder(page, 'Logs').map(([level]) => quoted(level)[0] ?? '');
    expect(levels).toEqual(['debug', 'info', 'warn', 'error']);
    expect(levels.map(linesOf)).toEqual([expect.any(Number), expect.any(Number), 0, 0]);
    expect(linesOf('info')).toBeGreaterThan(5);
    expect(linesOf('debug')).toBeGreaterThan(5);
  });
});
