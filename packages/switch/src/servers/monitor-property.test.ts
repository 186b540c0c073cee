import type { MonitorCall } from '@agentao/protocol';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { freshNumbers } from './test-call.ts';
import { createTestSwitch, type RawPeer, type TestSwitch } from './test-switch.ts';

/** The people and the agent of one call. `media` is there once an offer has been taken. */
interface Line {
  readonly caller: RawPeer;
  readonly callee: RawPeer;
  readonly callId: string;
  media: RawPeer | undefined;
  lastCommand: number;
}

const agentActs = ['answer', 'connect', 'cancel', 'barge', 'whisper', 'spy', 'close', 'disconnect', 'lost'] as const;
const phoneActs = ['answer', 'reject', 'hangup', 'gone'] as const;

type Step =
  | { readonly do: 'dial'; readonly offer: 'take' | 'decline' | 'ignore' }
  | { readonly do: 'agent'; readonly line: number; readonly act: (typeof agentActs)[number] }
  | { readonly do: 'caller' | 'callee'; readonly line: number; readonly act: (typeof phoneActs)[number] }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'watch' };

const line = fc.nat({ max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('dial' as const),
      offer: fc.constantFrom('take' as const, 'take' as const, 'take' as const, 'decline' as const, 'ignore' as const),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('agent' as const), line, act: fc.constantFrom(...agentActs) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('callee' as const, 'callee' as const, 'callee' as const, 'caller' as const),
      line,
      act: fc.constantFrom('answer' as const, 'answer' as const, ...phoneActs),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 20, 500, 2_500) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('watch' as const) }) },
);

const agent = (act: (typeof agentActs)[number]): Step => ({ do: 'agent', line: 0, act });
const pickUp: Step = { do: 'callee', line: 0, act: 'answer' };
const taken: Step = { do: 'dial', offer: 'take' };

/** Steps that lead through every look of a call, beside those that chance finds. */
const tours: readonly Step[][] = [
  [taken, agent('answer'), agent('connect'), pickUp, agent('barge'), { do: 'watch' }, agent('spy'), agent('lost')],
  [taken, agent('connect'), agent('cancel'), agent('connect'), agent('close'), { do: 'watch' }, pickUp],
];

async function dial(test: TestSwitch, control: RawPeer, offer: 'take' | 'decline' | 'ignore'): Promise<Line> {
  const { from, to } = freshNumbers();
  const caller = await test.openPhone(from);
  const callee = await test.openPhone(to);
  caller.send({ type: 'dial', to });
  const { callId } = await caller.next('dialing');
  const { offerId, mediaToken } = await control.next('offer');
  let media: RawPeer | undefined;
  if (offer === 'decline') control.send({ type: 'decline', offerId });
  if (offer === 'take') {
    media = await test.open('media', mediaToken);
    media.send({ type: 'attach', sampleRateHz: 8_000 });
  }
  return { caller, callee, callId, media, lastCommand: 0 };
}

function actAsAgent(on: Line, act: (typeof agentActs)[number]): void {
  const { media } = on;
  if (media?.closed !== undefined || media === undefined) return;
  const id = ++on.lastCommand;
  switch (act) {
    case 'connect':
      return media.send({ type: 'connect', id, ringTimeMs: 2_000, mode: 'whisper' });
    case 'cancel':
      return media.send({ type: 'connect.cancel', id, connectId: id - 1 });
    case 'answer':
    case 'close':
    case 'disconnect':
      return media.send({ type: act, id });
    case 'lost':
      return media.connection.cut();
    default:
      return media.send({ type: 'mode', id, mode: act });
  }
}

/** What a monitor shows after all it was told. */
function shownBy(monitor: RawPeer): Map<string, MonitorCall> {
  const shown = new Map<string, MonitorCall>();
  for (const message of monitor.messages) {
    if (message.type === 'snapshot') for (const call of message.calls) shown.set(call.callId, call);
    else if (message.type === 'call') shown.set(message.call.callId, message.call);
    else if (message.type === 'ended' && 'callId' in message) shown.delete(message.callId);
  }
  return shown;
}

/** Whether a monitor was told of a change that shows nothing new. */
function toldInVain(monitor: RawPeer): boolean {
  const shown = new Map<string, string>();
  for (const message of monitor.messages) {
    if (message.type === 'snapshot') for (const call of message.calls) shown.set(call.callId, JSON.stringify(call));
    if (message.type !== 'call') continue;
    const look = JSON.stringify(message.call);
    if (shown.get(message.call.callId) === look) return true;
    shown.set(message.call.callId, look);
  }
  return false;
}

/** What the switch says of its calls. */
function livesIn(test: TestSwitch): Map<string, MonitorCall> {
  return new Map(
    test.sw.calls.map((call) => {
      const { callId, connectorUuid, callerNumber, calleeNumber, direction, startedAtMs } = call;
      const { state, ringing, mode, hearing } = call;
      const fixed = { callId, connectorUuid, callerNumber, calleeNumber, direction, startedAtMs };
      return [callId, { ...fixed, state, ringing, mode, hearing: structuredClone(hearing) }];
    }),
  );
}

it('what a monitor shows is what the switch says, whatever happens and whenever the monitor came', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const test = createTestSwitch({}, { latencyMs: 0 });
      const control = await test.openControl();
      const monitors = [await test.open('monitor', test.operatorToken)];
      const lines: Line[] = [];
      for (const next of steps) {
        const on = 'line' in next ? lines[next.line] : undefined;
        if (next.do === 'dial') {
          if (lines.length < 4) lines.push(await dial(test, control, next.offer));
        } else if (next.do === 'watch') {
          const monitor = await test.open('monitor', test.operatorToken);
          monitor.send({ type: 'watch', callIds: lines.map(({ callId }) => callId) });
          monitors.push(monitor);
        } else if (next.do === 'wait') {
          await test.clock.advance(next.ms);
        } else if (next.do === 'agent') {
          if (on !== undefined) actAsAgent(on, next.act);
        } else if (on !== undefined && on[next.do].closed === undefined) {
          if (next.act === 'gone') on[next.do].socket.close(1001);
          else on[next.do].sendText(JSON.stringify({ type: next.act }));
        }
        await test.clock.advance(0);
        const lives = livesIn(test);
        for (const monitor of monitors) expect(shownBy(monitor)).toEqual(lives);
        for (const { state, ringing, mode } of lives.values()) seen.add(`${state} ${ringing} ${mode}`);
      }
      await test.sw.close();
      await test.clock.advance(0);
      for (const monitor of monitors) {
        expect(shownBy(monitor).size).toBe(0);
        expect(toldInVain(monitor)).toBe(false);
      }
    }),
    { numRuns: 100, examples: tours.map((steps) => [steps]) },
  );
  expect([...seen].toSorted()).toEqual(
    expect.arrayContaining([
      'ANSWERED false null',
      'ANSWERED true null',
      'CONNECTED false spy',
      'CONNECTED false whisper',
      'DISCONNECTED false null',
      'DISCONNECTED true null',
      'PENDING false null',
      'PENDING true null',
    ]),
  );
});
