import type { CallMode } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import type { ActiveCall, ModeOptions } from './active-call.ts';
import { WSSCallCommandError, WSSCallCommandTimeoutError } from './errors.ts';
import { type Bench, createBench } from './testing/bench.ts';
import type { ScriptedCall } from './testing/scripted-call.ts';

async function connected(
  mode: CallMode,
  options: { readonly bufferSize?: number } = {},
): Promise<{ bench: Bench; call: ActiveCall; peer: ScriptedCall }> {
  const bench = createBench(options);
  const { call, peer } = await bench.call();
  await bench.until(call.connect({ mode }));
  return { bench, call, peer };
}

const change = (call: ActiveCall, mode: CallMode, options?: ModeOptions): Promise<void> => call[mode](options);
const tone = new Int16Array(24_000).fill(1000);

describe('a mode change', () => {
  const cases: [from: CallMode, to: CallMode, discards: boolean][] = [
    ['spy', 'whisper', true],
    ['spy', 'barge', true],
    ['whisper', 'barge', true],
    ['whisper', 'spy', false],
    ['barge', 'whisper', false],
    ['barge', 'spy', false],
    ['barge', 'barge', false],
  ];
  it.each(cases)('from %s to %s discards what is queued: %s', async (from, to, discards) => {
    const { bench, call, peer } = await connected(from);
    await call.sendAudio(tone);
    await bench.pass(100);
    await bench.until(change(call, to));
    expect(call.mode).toBe(to);
    const [command] = peer.sent('mode');
    if (discards) {
      expect(command).toMatchObject({ mode: to, discard: { generation: 1, position: 24_000 } });
      expect(call.getSendAudioBufferSize()).toBe(0);
    } else {
      expect(command).toEqual({ type: 'mode', id: 2, mode: to });
      expect(call.getSendAudioBufferSize()).toBeGreaterThan(0);
    }
    expect(peer.playout.breaches).toEqual([]);
  });

  it('keeps what is queued when told to', async () => {
    const { bench, call, peer } = await connected('spy');
    await call.sendAudio(tone);
    await bench.until(call.barge({ keepQueued: true }));
    expect(peer.sent('mode')).toEqual([{ type: 'mode', id: 2, mode: 'barge' }]);
    expect(await bench.until(call.waitForPlayout())).toBe('played');
    expect(peer.playout.heard).toHaveLength(24_000);
  });

  it('after playout waits for the position where the audio queued so far ends', async () => {
    const { bench, call, peer } = await connected('whisper');
    await call.sendAudio(tone);
    const changed = call.barge({ afterPlayout: true });
    await call.sendAudio(tone);
    await bench.until(changed);
    expect(peer.sent('mode')).toEqual([{ type: 'mode', id: 2, mode: 'barge', afterPosition: 24_000 }]);
    expect(peer.playout.played).toBe(24_000);
    expect(call.mode).toBe('barge');
  });

  it('after playout waits for a play that has only begun, so that nobody new hears a sample of it', async () => {
    const { bench, call, peer } = await connected('whisper');
    const played = call.play(tone);
    await bench.until(call.barge({ afterPlayout: true }));
    expect(peer.sent('mode')).toEqual([{ type: 'mode', id: 2, mode: 'barge', afterPosition: 24_000 }]);
    expect(peer.playout.played).toBe(24_000);
    expect(await bench.until(played)).toBe('played');
  });

  it('after playout waits for audio that waits for room', async () => {
    const { bench, call, peer } = await connected('whisper', { bufferSize: 24_000 });
    for (let i = 0; i < 3; i++) void call.sendAudio(tone.subarray(0, 8_000), { wait: true });
    await bench.until(call.barge({ afterPlayout: true }));
    expect(peer.sent('mode')).toEqual([{ type: 'mode', id: 2, mode: 'barge', afterPosition: 24_000 }]);
    expect(peer.playout.played).toBe(24_000);
  });

  it('after playout of a play that is still being fed gives way to a newer mode, and is over with the call', async () => {
    const { bench, call, peer } = await connected('whisper', { bufferSize: 24_000 });
    void call.play(new Int16Array(240_000));
    const waiting = call.barge({ afterPlayout: true }).catch((error: unknown) => error);
    await bench.until(call.spy());
    const again = call.barge({ afterPlayout: true }).catch((error: unknown) => error);
    await bench.until(call.clearSendAudioBuffer());
    expect(await bench.until(waiting)).toMatchObject({ errorCode: 'INVALID_STATE' });
    await bench.until(again);
    expect(peer.sent('mode').map(({ mode }) => mode)).toEqual(['spy', 'barge']);
    void call.play(new Int16Array(240_000));
    const late = call.spy({ afterPlayout: true }).catch((error: unknown) => error);
    await bench.until(call.disconnect());
    expect(await bench.until(late)).toMatchObject({ name: 'WSSCallClosedError' });
  });

  it('after playout waits for a source that hangs until a clear drops it', async () => {
    const { bench, call } = await connected('whisper');
    async function* hanging(): AsyncGenerator<Int16Array> {
      yield tone;
      await new Promise(() => undefined);
    }
    const played = call.play(hanging());
    let changed = false;
    const changing = call.barge({ afterPlayout: true }).then(() => (changed = true));
    await bench.pass(3_600_000);
    expect([call.mode, changed]).toEqual(['whisper', false]);
    await bench.until(call.clearSendAudioBuffer());
    await bench.until(changing);
    expect([call.mode, await played]).toEqual(['barge', 'cleared']);
  });

  it('after playout of a play that is still being fed lets a mode that waits in the switch give way at once', async () => {
    const { bench, call, peer } = await connected('whisper', { bufferSize: 24_000 });
    await call.sendAudio(tone.subarray(0, 8_000));
    void call.barge({ afterPlayout: true });
    void call.play(new Int16Array(240_000));
    void call.whisper({ afterPlayout: true });
    await bench.pass(1);
    expect(peer.sent('mode')).toMatchObject([
      { mode: 'barge', afterPosition: 8_000 },
      { mode: 'whisper', afterPosition: 0xffff_ffff },
    ]);
  });

  it('after playout has as long as the audio takes, and 10 s more', async () => {
    const { bench, call, peer } = await connected('barge');
    peer.playout.paused = true;
    peer.onCommand = () => 'silence';
    await call.sendAudio(tone);
    const startMs = bench.clock.now();
    await bench.until(call.spy({ afterPlayout: true }).catch(() => undefined));
    expect(bench.clock.now() - startMs).toBe(11_000);
  });

  it('discards for the sake of a mode that is on its way, though the known one admits all', async () => {
    const { bench, call, peer } = await connected('barge');
    void call.whisper();
    await call.sendAudio(tone);
    await bench.until(call.barge());
    expect(peer.sent('mode')).toMatchObject([{ mode: 'whisper' }, { mode: 'barge', discard: { position: 24_000 } }]);
    expect(peer.playout.heard).toEqual([]);
  });

  it('discards for the sake of a mode that was not answered in time', async () => {
    const { bench, call, peer } = await connected('barge');
    peer.onCommand = () => 'silence';
    await bench.until(call.whisper().catch(() => undefined));
    peer.onCommand = () => undefined;
    await bench.until(call.barge());
    expect(peer.sent('mode').at(-1)).toHaveProperty('discard');
  });

  it('after playout that still waits for its audio to be queued is told at once of a newer mode', async () => {
    const { bench, call, peer } = await connected('whisper', { bufferSize: 24_000 });
    void call.play(new Int16Array(240_000));
    const waiting = call.barge({ afterPlayout: true }).catch((error: unknown) => error);
    await bench.pass(100);
    void call.spy({ afterPlayout: true });
    const newest = call.whisper({ afterPlayout: true });
    const askedMs = bench.clock.now();
    expect(await bench.until(waiting)).toMatchObject({ errorCode: 'INVALID_STATE', callId: call.callId });
    expect(bench.clock.now()).toBe(askedMs);
    await bench.until(newest);
    expect(peer.sent('mode')).toMatchObject([{ mode: 'whisper', afterPosition: 240_000 }]);
  });

  it('that discards and is refused leaves the mode as it was, and what is said behind it is heard', async () => {
    const { bench, call, peer } = await connected('spy');
    await call.sendAudio(tone);
    await bench.pass(100);
    peer.onCommand = ({ type }) => (type === 'mode' ? { code: 'INTERNAL', message: 'not today' } : undefined);
    const played = call.waitForPlayout();
    const changed = call.barge().catch((error: unknown) => error);
    await call.sendAudio(new Int16Array(480).fill(2));
    expect(await bench.until(changed)).toMatchObject({ errorCode: 'INTERNAL' });
    expect(call.mode).toBe('spy');
    expect(await bench.until(played)).toBe('cleared');
    expect(await bench.until(call.waitForPlayout())).toBe('played');
    expect(peer.sent('clear')).toMatchObject([{ generation: 1, position: 24_000 }]);
    expect(peer.playout.heard.slice(-480)).toEqual(Array.from({ length: 480 }, () => 2));
    expect(peer.playout.breaches).toEqual([]);
  });

  it('that discards and is answered late holds the audio behind it until then, and a clear too', async () => {
    const { bench, call, peer } = await connected('spy');
    peer.onCommand = ({ type }) => (type === 'mode' ? 'silence' : undefined);
    const changed = call.barge().catch((error: unknown) => error);
    await call.sendAudio(tone);
    const cleared = call.clearSendAudioBuffer().catch((error: unknown) => error);
    await call.sendAudio(new Int16Array(480).fill(2));
    for (const outcome of [changed, cleared]) {
      expect(await bench.until(outcome)).toBeInstanceOf(WSSCallCommandTimeoutError);
    }
    expect(peer.playout.frames).toEqual([]);
    expect(peer.sent('clear')).toEqual([]);
    const [{ id, discard } = { id: 0 }] = peer.sent('mode');
    if (discard !== undefined) peer.playout.clear(discard);
    peer.event({ type: 'call.mode_changed', mode: 'barge', position: 0 });
    peer.respond(id, { result: {} });
    expect(await bench.until(call.waitForPlayout())).toBe('played');
    expect(call.mode).toBe('barge');
    expect(peer.sent('clear')).toMatchObject([{ generation: 2, position: 24_000 }]);
    expect(peer.playout.heard).toEqual(Array.from({ length: 480 }, () => 2));
    expect(peer.playout.breaches).toEqual([]);
  });

  it('before the conference is refused by the switch, and nothing is discarded', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onCommand = () => ({ code: 'INVALID_STATE', message: 'not connected' });
    await call.sendAudio(tone);
    await expect(bench.until(call.barge())).rejects.toBeInstanceOf(WSSCallCommandError);
    expect(peer.sent('mode')).toEqual([{ type: 'mode', id: 1, mode: 'barge' }]);
    expect(call.queuedSamples).toBe(24_000);
    expect(peer.playout.generation).toBe(0);
  });

  it('that discards cuts a playback off', async () => {
    const { bench, call } = await connected('spy');
    const playing = call.play(new Int16Array(240_000).fill(5));
    await bench.pass(1000);
    await bench.until(call.whisper());
    expect(await bench.until(playing)).toBe('cleared');
  });
});
