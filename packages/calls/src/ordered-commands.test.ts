import { createVirtualClock } from '@agentao/clock';
import { decodeFrame } from '@agentao/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallLife } from './call-life.ts';
import { createCommandDesk } from './command-desk.ts';
import { WSSCallCommandError } from './errors.ts';
import { goOn } from './go-on.ts';
import { silentLogger } from './logger.ts';
import { OrderedCommands } from './ordered-commands.ts';
import { OutgoingAudio } from './outgoing-audio.ts';
import { Playout } from './playout.ts';
import { StrictSwitch, type ToSwitch, windowSamples } from './testing/strict-switch.ts';

/** A client's commands and outgoing audio against the strict switch, message by message. */
function createPair() {
  const clock = createVirtualClock({ settle: () => Promise.resolve() });
  const peer = new StrictSwitch();
  const toSwitch: ToSwitch[] = [];
  /** The mode with `discard` that was sent on this connection and has no answer yet. */
  let open: number | undefined;
  const life = new CallLife({
    callId: 'c',
    attached: { state: 'CONNECTED', mode: 'spy', atMs: 0 },
    clock,
    logger: silentLogger,
    onEnd: () => undefined,
  });
  let away = false;
  const desk = createCommandDesk({
    callId: 'c',
    clock,
    closed: () => undefined,
    transmit: (command) => {
      if (away) return;
      const begins = command.type === 'clear' || (command.type === 'mode' && command.discard !== undefined);
      if (begins && open !== undefined) peer.breaches.push('A-18: between a mode with discard and its response');
      if (command.type === 'mode' && command.discard !== undefined) open = command.id;
      toSwitch.push({ command });
    },
  });
  const outgoing = new OutgoingAudio({
    bufferBytes: 240,
    generation: 0,
    upTo: windowSamples,
    windowSamples,
    isBehind: () => false,
    sendFrame: (bytes) => {
      if (away) peer.breaches.push('audio without a connection');
      if (open !== undefined) peer.breaches.push('A-18: audio before the success');
      const { header, samples } = decodeFrame(bytes);
      toSwitch.push({ header, samples: samples.slice() });
    },
  });
  const playout = new Playout({ callId: 'c', clock, sendMark: () => undefined });
  const commands = new OrderedCommands({ callId: 'c', desk, outgoing, playout, closed: () => undefined });

  const up = (refuses = false): void => {
    const message = toSwitch.shift();
    if (message !== undefined) peer.take(message, refuses);
  };
  const down = (): void => {
    const message = peer.clients.shift();
    if (message === undefined) return;
    if ('generation' in message) return outgoing.credit(message.generation, message.upTo);
    if (message.response.id === open) open = undefined;
    desk.respond(message.response);
  };
  return {
    peer,
    desk,
    outgoing,
    commands,
    toSwitch,
    up,
    down,
    cut: () => {
      away = true;
      open = undefined;
      toSwitch.length = 0;
      peer.clients.length = 0;
      outgoing.pause();
    },
    resume: () => {
      if (!away) return;
      away = false;
      const { generation, received, played, upTo } = peer;
      peer.awaitsClear = generation !== outgoing.generation;
      const stands = { state: 'CONNECTED', mode: 'spy', atMs: 0, generation, received, played, upTo } as const;
      const rest = { windowSamples, replayFrom: {}, resumeToken: 'r', resumeWithinMs: 1 };
      goOn({ type: 'resumed', ...stands, ...rest }, { life, desk, outgoing, playout });
    },
    /** Lets everything that is under way arrive, both ways, until nothing is. */
    async settle(): Promise<void> {
      for (let quiet = 0; quiet < 5; quiet++) {
        await new Promise((resolve) => setImmediate(resolve));
        if (toSwitch.length + peer.clients.length > 0) quiet = 0;
        while (toSwitch.length > 0) up();
        peer.play(1_000);
        while (peer.clients.length > 0) down();
      }
    },
  };
}

/** Samples that are their own positions. */
const ramp = (from: number, count: number): Int16Array => Int16Array.from({ length: count }, (_, i) => from + i);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const sent = (toSwitch: readonly ToSwitch[]): string[] =>
  toSwitch.map((message) => ('command' in message ? message.command.type : 'audio'));

describe('a change of mode that discards', () => {
  it('keeps the audio behind it until it has succeeded', async () => {
    const { outgoing, commands, toSwitch, up, down, peer, settle } = createPair();
    const changed = commands.discardInto('barge');
    await outgoing.send(ramp(0, 30));
    await turn();
    expect(sent(toSwitch)).toEqual(['mode']);
    up();
    down();
    await changed;
    await turn();
    expect(sent(toSwitch)).toEqual(['audio']);
    await settle();
    expect(peer.heard).toEqual([...ramp(0, 30)]);
  });

  it('that is refused has its generation begun by a clear with the same generation and position', async () => {
    const { outgoing, commands, toSwitch, up, down, peer, settle } = createPair();
    await outgoing.send(ramp(0, 100));
    await turn();
    up();
    const changed = commands.discardInto('barge');
    await outgoing.send(ramp(100, 20));
    up(true);
    while (peer.clients.length > 0) down();
    await expect(changed).rejects.toBeInstanceOf(WSSCallCommandError);
    await turn();
    expect(toSwitch).toMatchObject([
      { command: { type: 'clear', generation: 1, position: 100 } },
      { header: { generation: 1, position: 100 } },
    ]);
    await settle();
    expect(peer.heard).toEqual([...ramp(100, 20)]);
  });

  it('holds back clears, modes and keys that come behind it, each with what it dropped, in their order', async () => {
    const { outgoing, commands, toSwitch, up, down, peer, settle } = createPair();
    const outcomes = [
      commands.discardInto('whisper'),
      commands.send({ type: 'mode', mode: 'spy' }),
      outgoing.send(ramp(0, 10)),
      commands.clear(),
      commands.send({ type: 'dtmf', digits: '1' }),
      commands.discardInto('barge'),
      outgoing.send(ramp(10, 10)),
      commands.clear(),
      outgoing.send(ramp(20, 10)),
    ];
    await turn();
    expect(sent(toSwitch)).toEqual(['mode', 'mode']);
    up();
    down();
    await turn();
    expect(sent(toSwitch)).toEqual(['mode', 'clear', 'dtmf', 'mode']);
    await settle();
    expect(await Promise.all(outcomes)).toEqual([
      { position: 0, clearedSamples: 0 },
      {},
      undefined,
      { position: 0, clearedSamples: 10 },
      {},
      { position: 10, clearedSamples: 0 },
      undefined,
      { position: 10, clearedSamples: 10 },
      undefined,
    ]);
    expect(peer.heard).toEqual([...ramp(20, 10)]);
  });

  it('that is refused is repeated on a new connection in the order in which all that was sent', async () => {
    const { commands, toSwitch, up, down, cut, resume, settle, peer } = createPair();
    const refused = commands.discardInto('whisper').catch((error: unknown) => error);
    const changed = commands.discardInto('barge');
    up(true);
    down();
    await turn();
    expect(sent(toSwitch)).toEqual(['clear', 'mode']);
    cut();
    resume();
    expect(sent(toSwitch)).toEqual(['clear', 'mode']);
    await settle();
    expect(await refused).toBeInstanceOf(WSSCallCommandError);
    expect(await changed).toEqual({ position: 0, clearedSamples: 0 });
    expect(peer.breaches).toEqual([]);
  });

  it('has a bound to what may be without an answer', async () => {
    const { commands, desk, settle } = createPair();
    const changed = commands.discardInto('barge');
    const cleared = Array.from({ length: 300 }, () => commands.clear().catch((error: unknown) => error));
    const keyed = Array.from({ length: 300 }, () =>
      commands.send({ type: 'dtmf', digits: '1' }).catch((error: unknown) => error),
    );
    expect(desk.lasting).toBe(100);
    await settle();
    await changed;
    const refused = (await Promise.all([...cleared, ...keyed])).filter((outcome) => outcome instanceof Error);
    expect(refused).toHaveLength(501);
    for (const error of refused) expect(error).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
  });
});

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('send' as const), count: fc.integer({ min: 0, max: 70 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('discard' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('mode' as const) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('up' as const), refuses: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('down' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('play' as const), count: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('resume' as const) }) },
);

it('breaks no rule of the protocol, loses nothing and has nothing heard twice, in whatever order all that comes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const pair = createPair();
      const { peer, outgoing, commands } = pair;
      const outcomes: Promise<unknown>[] = [];
      const outcome = (promise: Promise<unknown>): void => {
        outcomes.push(
          promise.catch((error: unknown) => {
            expect(error).toBeInstanceOf(WSSCallCommandError);
          }),
        );
      };
      for (const action of steps) {
        if (action.do === 'send') void outgoing.send(ramp(outgoing.end, action.count)).catch(() => undefined);
        else if (action.do === 'clear') outcome(commands.clear());
        else if (action.do === 'discard') outcome(commands.discardInto('barge'));
        else if (action.do === 'mode') outcome(commands.send({ type: 'mode', mode: 'spy' }));
        else if (action.do === 'up') pair.up(action.refuses);
        else if (action.do === 'play') peer.play(action.count);
        else if (action.do === 'turn') await turn();
        else pair[action.do]();
      }
      await turn();
      pair.resume();
      await pair.settle();
      await Promise.all(outcomes);
      expect(peer.breaches).toEqual([]);
      expect(peer.generation).toBe(outgoing.generation);
      expect([peer.received, peer.played]).toEqual([outgoing.end, outgoing.end]);
      expect(peer.heard.length + peer.cleared).toBe(outgoing.end);
      for (const [index, position] of peer.heard.entries()) {
        if (index > 0) expect(position).toBeGreaterThan(peer.heard[index - 1] ?? 0);
      }
    }),
    { numRuns: 500 },
  );
});
