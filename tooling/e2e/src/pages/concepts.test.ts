import { type ActiveCall, events, WSSCallCommandError } from '@agentao/calls';
import type { Observable } from 'rxjs';
import { afterAll, describe, expect, it } from 'vitest';
import { openVirtualLine, type VirtualLine } from '../virtual-line.ts';
import { readPage, tableUnder } from './page.ts';
import { speech } from './program-line.ts';
import { runBlock } from './run-block.ts';

const states = readPage('docs/call-states.md');
const commands = readPage('docs/call-commands.md');
const audio = readPage('docs/audio-streaming.md');
const eventPage = readPage('docs/event-handling.md');
afterAll(() => {
  for (const page of [states, commands, audio, eventPage]) page.expectAllRun();
});

async function load<F extends (...args: never[]) => unknown>(code: string, name: string): Promise<F> {
  return (await runBlock(code))[name] as F;
}

async function connected(line: VirtualLine, options: Parameters<ActiveCall['connect']>[0] = {}): Promise<ActiveCall> {
  const call = await line.ring();
  await line.settled(call.answer());
  await line.settled(call.connect(options));
  return call;
}

describe('call states', () => {
  it('follows a call to its end', async () => {
    const follow = await load<(call: ActiveCall) => Promise<string[]>>(states.code('Follow a call'), 'follow');
    await using line = await openVirtualLine({ callee: { answerAfterMs: 500 } });
    const { settled, callee } = line;
    const call = await line.ring();
    const following = follow(call);
    await settled(call.answer());
    await settled(call.connect());
    callee.hangUp();
    expect(await settled(following)).toEqual(['PENDING', 'ANSWERED', 'CONNECTED', 'DISCONNECTED', 'hangup by callee']);
  });
});

describe('call commands', () => {
  it('reaches the callee in whisper, is refused, and is cancelled', async () => {
    const reach = await load<(call: ActiveCall, cancel: AbortSignal) => Promise<boolean>>(
      commands.code('Connect'),
      'reach',
    );
    await using line = await openVirtualLine({ callee: { answerAfterMs: 5_000 } });
    const { clock, settled, callee } = line;
    const call = await line.ring();
    const cancel = new AbortController();
    const cancelled = reach(call, cancel.signal);
    await clock.advance(1_000);
    cancel.abort();
    expect(await settled(cancelled)).toBe(false);
    expect(call.state).toBe('PENDING');
    const refused = reach(call, new AbortController().signal);
    await clock.advance(100);
    callee.reject();
    expect(await settled(refused)).toBe(false);
    expect(await settled(reach(call, new AbortController().signal))).toBe(true);
    expect(call.mode).toBe('whisper');
  });

  it('coaches the callee alone, answers both and then listens in', async () => {
    const coach = await load<(call: ActiveCall, hint: Int16Array, answer: Int16Array) => Promise<void>>(
      commands.code('Coach'),
      'coach',
    );
    await using line = await openVirtualLine({ callee: { answerAfterMs: 500 } });
    const { caller, callee, settled } = line;
    const call = await connected(line, { mode: 'spy' });
    await settled(coach(call, speech(600, 2_000), speech(900, 2_000)));
    expect(call.mode).toBe('spy');
    expect(caller.levelDb({ frequencyHz: 600, fromMs: 600 })).toBeLessThan(-60);
    for (const ear of [caller, callee])
      expect(ear.levelDb({ frequencyHz: 900, fromMs: ear.heardMs - 1_500 })).toBeGreaterThan(-21);
    expect(callee.levelDb({ frequencyHz: 600, toMs: 1_500 })).toBeGreaterThan(-22);
  });

  it('says goodbye to the end, and then ends a call for two or leaves one for three', async () => {
    const goodbye = await load<(call: ActiveCall, words: Int16Array) => Promise<void>>(
      commands.code('Leave or end'),
      'goodbye',
    );
    for (const ringing of [false, true]) {
      await using line = await openVirtualLine({ callee: { answerAfterMs: 500 } });
      const { caller, settled } = line;
      const call = await line.ring();
      await settled(call.answer());
      if (ringing) await settled(call.connect());
      const words = speech(601, 1_000);
      const fromMs = caller.heardMs;
      await settled(goodbye(call, words));
      const count = (signal: Int16Array): number => signal.filter((sample) => sample !== 0).length;
      expect(count(caller.heard({ fromMs }))).toBeGreaterThanOrEqual(count(words));
      expect(caller.state).toBe(ringing ? 'answered' : 'idle');
      expect((await call.ended).reason).toBe(ringing ? 'left' : 'disconnected');
    }
  });
});

describe('audio streaming', () => {
  it('listens to the caller until it is stopped', async () => {
    type Listen = (
      call: ActiveCall,
      recognise: (pcm: Int16Array) => Promise<void>,
      stop: AbortSignal,
    ) => Promise<number>;
    const listen = await load<Listen>(audio.code('Hear'), 'listen');
    await using line = await openVirtualLine();
    const { clock, settled } = line;
    const call = await line.ring();
    await settled(call.answer());
    const stop = new AbortController();
    let recognised = 0;
    const listening = listen(
      call,
      async (pcm) => {
        recognised += pcm.length;
      },
      stop.signal,
    );
    await clock.advance(1_000);
    stop.abort();
    expect(await settled(listening)).toBe(recognised);
    expect(recognised).toBe(24_000);
  });

  it('says what fits, and tells what does not', async () => {
    const say = await load<(call: ActiveCall, pcm: Int16Array) => Promise<boolean>>(audio.code('Speak'), 'say');
    await using line = await openVirtualLine({ client: { bufferSize: 9_600 } });
    const { clock, settled } = line;
    const call = await line.ring();
    await settled(call.answer());
    expect(await settled(say(call, new Int16Array(4_800)))).toBe(true);
    expect(await settled(say(call, new Int16Array(4_800)))).toBe(true);
    expect(await settled(say(call, new Int16Array(4_800)))).toBe(false);
    await clock.advance(1_000);
    expect(await settled(say(call, new Int16Array(4_800)))).toBe(true);
    await settled(call.disconnect());
    expect(await settled(say(call, new Int16Array(4_800)))).toBe(false);
  });

  it('plays piece by piece and knows when it was heard, or cut off', async () => {
    const tell = await load<(call: ActiveCall, speech: Int16Array) => Promise<string>>(
      audio.code('Play and wait'),
      'tell',
    );
    const interrupt = await load<(call: ActiveCall, from: number) => Promise<number>>(audio.code('Clear'), 'interrupt');
    await using line = await openVirtualLine();
    const { clock, settled } = line;
    const call = await line.ring();
    await settled(call.answer());
    const startedMs = clock.now();
    expect(await settled(tell(call, speech(600, 2_000)))).toBe('played played 48000/48000');
    expect(clock.now() - startedMs).toBeGreaterThanOrEqual(2_000);
    const cut = tell(call, speech(600, 10_000));
    await clock.advance(3_010);
    expect(await settled(interrupt(call, 48_000))).toBe(3_000);
    expect(await settled(cut)).toBe(`cleared played ${call.queuedSamples}/${call.queuedSamples}`);
  });
});

describe('event handling', () => {
  it('lists every event with what it carries', async () => {
    const rows = tableUnder(eventPage, 'Event handling');
    const listed = Object.fromEntries(rows.map(([constant = '', text = '']) => [bare(constant), bare(text)]));
    const { INCOMING_CALL, ...ofCalls } = events;
    expect(listed).toEqual(ofCalls);
    expect(eventPage.text).toContain(`\`INCOMING_CALL\` (\`${INCOMING_CALL}\`)`);
  });

  it('reports what happens until it is stopped', async () => {
    const report = await load<(call: ActiveCall, say: (line: string) => void) => () => void>(
      eventPage.code('Handlers'),
      'report',
    );
    await using line = await openVirtualLine({ callee: { answerAfterMs: 500 } });
    const { caller, callee, clock, settled } = line;
    const call = await line.ring();
    const said: string[] = [];
    const stop = report(call, (text) => said.push(text));
    await settled(call.answer());
    caller.press('5');
    await clock.advance(200);
    await settled(call.connect());
    caller.hangUp();
    await settled(call.ended);
    expect(said).toEqual(['answered', 'caller pressed 5', 'connected, barge', 'hangup by caller']);
    stop();
    expect(callee.state).toBe('idle');
  });

  it('gives the keys of the menu, and no others', async () => {
    const menuKeys = await load<(call: ActiveCall) => Observable<string>>(eventPage.code('Observables'), 'menuKeys');
    await using line = await openVirtualLine({ callee: { answerAfterMs: 500 } });
    const { caller, callee, clock, settled } = line;
    const call = await line.ring();
    const keys: string[] = [];
    menuKeys(call).subscribe({ next: (key) => keys.push(key), complete: () => keys.push('complete') });
    await settled(call.answer());
    caller.press('1');
    await clock.advance(200);
    await settled(call.connect());
    caller.press('2');
    callee.press('3');
    await clock.advance(200);
    await settled(call.disconnect());
    expect(keys).toEqual(['1', 'complete']);
    await expect(call.answer()).rejects.not.toBeInstanceOf(WSSCallCommandError);
  });
});

function bare(code: string): string {
  return code.replaceAll('`', '');
}
