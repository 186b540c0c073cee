import type { EndedBy, EndReason } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import type { CallEnding } from './call.ts';
import { reach, type ReachedCall, ringTimeMs, type Situation, twoTalk } from './reached-call.ts';
import { createCallBench, marked } from './test-bench.ts';

type Way = 'close' | 'disconnect' | 'forceDisconnect';

/** What is seen when the agent goes that way from there. */
interface Cell {
  /** The agent's own end. Each sees it once, last. */
  readonly agent: readonly [EndReason, EndedBy];
  /** How the call ends at once; `undefined`: it goes on. */
  readonly ending?: CallEnding;
  /** What the phones are then. */
  readonly caller: 'idle' | 'dialing' | 'answered';
  readonly callee: 'idle' | 'ringing' | 'answered';
  /** Another agent is asked for. */
  readonly offered?: boolean;
}

const disconnected: Cell = {
  agent: ['disconnected', 'agent'],
  ending: { reason: 'disconnected', by: 'agent' },
  caller: 'idle',
  callee: 'idle',
};

const table: { readonly [From in Situation]: { readonly [How in Way]: Cell } } = {
  PENDING: {
    close: { agent: ['declined', 'agent'], caller: 'dialing', callee: 'idle', offered: true },
    disconnect: disconnected,
    forceDisconnect: disconnected,
  },
  ANSWERED: {
    close: { agent: ['left', 'agent'], ending: { reason: 'left', by: 'agent' }, caller: 'idle', callee: 'idle' },
    disconnect: disconnected,
    forceDisconnect: disconnected,
  },
  rung_pending: {
    close: { agent: ['left', 'agent'], caller: 'dialing', callee: 'ringing' },
    disconnect: disconnected,
    forceDisconnect: disconnected,
  },
  rung_answered: {
    close: { agent: ['left', 'agent'], caller: 'answered', callee: 'ringing' },
    disconnect: disconnected,
    forceDisconnect: disconnected,
  },
  CONNECTED: {
    close: { agent: ['left', 'agent'], caller: 'answered', callee: 'answered' },
    disconnect: disconnected,
    forceDisconnect: disconnected,
  },
};

const cells = Object.entries(table).flatMap(([from, ways]) =>
  Object.entries(ways).map(([how, cell]) => ({ from: from as Situation, how: how as Way, cell })),
);

function go({ bench, agent }: ReachedCall, how: Way): void {
  if (how === 'forceDisconnect') bench.call.forceDisconnect();
  else agent.run({ type: how });
}

describe.each(cells)('$how from $from', ({ from, how, cell }) => {
  it('is told to the agent once: the end, then what is unanswered, then its own success', async () => {
    const reached = await reach(from);
    const { agent, bench } = reached;
    const before = agent.told.length;
    go(reached, how);
    const [reason, by] = cell.agent;
    const rung = from.startsWith('rung');
    const connectId = agent.lastId - (how === 'forceDisconnect' ? 0 : 1);
    expect(agent.told.slice(before)).toMatchObject([
      { type: 'event', event: { type: 'call.terminated', reason, by } },
      ...(rung ? [{ response: { id: connectId, ok: false, error: { code: 'CALL_ENDED' } } }] : []),
      ...(how === 'forceDisconnect' ? [] : [{ response: { id: agent.lastId, ok: true } }]),
      { type: 'ended' },
    ]);
    expect(agent.run({ type: 'answer' })).toBeUndefined();
    await bench.clock.advance(20_000);
    expect(agent.told.at(-1)).toEqual({ type: 'ended' });
  });

  it('is seen by the caller and the callee', async () => {
    const reached = await reach(from);
    const { bench } = reached;
    go(reached, how);
    await bench.clock.advance(50);
    expect([bench.caller.state, bench.callee.state]).toEqual([cell.caller, cell.callee]);
    expect(bench.endings).toEqual(cell.ending === undefined ? [] : [cell.ending]);
    expect(bench.wants).toEqual(cell.offered ? [undefined] : []);
    for (const phone of [bench.caller, bench.callee]) {
      if (phone.events.length === 0 || phone.state !== 'idle') continue;
      expect(phone.events.at(-1)).toEqual({ type: 'ended', ...cell.ending });
    }
    if (cell.ending !== undefined) expect(bench.clock.pendingTimers).toBe(0);
  });
});

describe('a call that its agent has left', () => {
  it('in PENDING can be taken by another', async () => {
    const reached = await reach('PENDING');
    const { bench } = reached;
    go(reached, 'close');
    expect(bench.call.state).toBe('PENDING');
    const next = bench.attach();
    next.run({ type: 'answer' });
    await bench.clock.advance(50);
    expect(next.events).toMatchObject([{ type: 'call.answered' }]);
  });

  it.each(['rung_pending', 'rung_answered'] as const)(
    'while the callee rings (%s) is between the two once it is picked up',
    async (from) => {
      const reached = await reach(from);
      go(reached, 'close');
      reached.bench.callee.answer();
      await reached.bench.clock.advance(50);
      expect(await twoTalk(reached.bench)).toBe(true);
    },
  );

  it('while the callee rings in vain before an answer ends', async () => {
    const reached = await reach('rung_pending');
    go(reached, 'close');
    await reached.bench.clock.advance(ringTimeMs);
    expect(reached.bench.endings).toEqual([{ reason: 'unanswered', by: 'callee' }]);
  });

  it.each(['close', 'lost'] as const)('in conference (%s) carries nothing that it had queued', async (how) => {
    const { bench, agent } = await reach('CONNECTED');
    agent.say(marked(0, 4_800));
    await bench.clock.advance(40);
    if (how === 'lost') bench.call.agentLost();
    else agent.run({ type: 'close' });
    expect([bench.endings, bench.call.state, bench.call.mode]).toEqual([[], 'DISCONNECTED', null]);
    expect(await twoTalk(bench)).toBe(true);
    bench.callee.hangUp();
    await bench.clock.advance(10);
    expect(bench.endings).toEqual([{ reason: 'hangup', by: 'callee' }]);
  });
});

describe('a call that nobody takes', () => {
  it('rings the callee, who picks up and talks to the caller', async () => {
    const bench = createCallBench({ callee: { answerAfterMs: 300 } });
    bench.call.nobodyReady();
    await bench.clock.advance(200);
    expect(bench.caller.levelDb({ frequencyHz: 425 })).toBeGreaterThan(-25);
    expect(bench.caller.state).toBe('dialing');
    await bench.clock.advance(200);
    expect(bench.caller.state).toBe('answered');
    expect(await twoTalk(bench)).toBe(true);
  });

  it.each([
    ['does not pick up', {}, { reason: 'unanswered', by: 'callee' }],
    ['refuses', { callee: { reject: true } }, { reason: 'rejected', by: 'callee' }],
    ['cannot be reached', { ring: () => undefined }, { reason: 'unanswered', by: 'switch' }],
    [
      'picks up, but the caller cannot be answered',
      { caller: { answerFails: true }, callee: { answerAfterMs: 10 } },
      { reason: 'failed', by: 'switch' },
    ],
  ] as const)('ends where the callee %s', async (_, options, ending) => {
    const bench = createCallBench({ ...options, limits: { agentlessRingMs: 2000 } });
    bench.call.nobodyReady();
    await bench.clock.advance(3000);
    expect(bench.endings).toEqual([ending]);
    expect(bench.caller.state).toBe('idle');
    expect(bench.callee.state).toBe('idle');
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('is one only while it waits for an agent', async () => {
    const { bench } = await reach('ANSWERED');
    bench.call.nobodyReady();
    expect(bench.call.ringing).toBe(false);
  });
});
