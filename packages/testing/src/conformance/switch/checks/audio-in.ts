import { tracks } from '@agentao/protocol';
import { rateHz, type SwitchBench, succeeds, tickSamples } from '../bench.ts';
import { agentVoice, ear, hasNotHeard, hears, phoneSays } from '../hearing.ts';
import { check, must, same, type SwitchCheck } from '../make-check.ts';
import type { Peer } from '../peer.ts';

const frames = (media: Peer, track: number): Peer['frames'] =>
  media.frames.filter(({ header }) => header.track === track);

/** Waits until so many messages of a track have come. */
async function flows(media: Peer, track: number, count: number): Promise<void> {
  await media.until(`${count} messages of track ${track}`, () =>
    frames(media, track).length >= count ? true : undefined,
  );
}

/** What the client hears. */
export const audioInChecks: readonly SwitchCheck[] = [
  check('A-02 M-01', 'nothing is heard in PENDING', async (bench) => {
    const { media } = await bench.call();
    await bench.sleep(300);
    await media.pong();
    same(media.frames.length, 0, 'number of binary messages');
  }),
  check('A-02 A-03', 'from ANSWERED on one message per tick comes, its positions those of the call', async (bench) => {
    for (const sampleRateHz of [8_000, 24_000] as const) {
      const { media } = await bench.answered({ sampleRateHz });
      const { event } = await media.message('event');
      await flows(media, tracks.mix, 40);
      const [first] = media.frames;
      const position = first?.header.position ?? 0;
      const begunMs = (position / sampleRateHz) * 1_000;
      must(Math.abs(begunMs - event.atMs) < 250, `a first position of ${Math.round(event.atMs)} ms`, `${begunMs} ms`);
      const perTick = media.frames.reduce((sum, { samples }) => sum + samples.length, 0) / media.frames.length;
      must(
        perTick >= sampleRateHz / 50 && perTick < sampleRateHz / 25,
        'about 20 ms per message',
        `${perTick} samples`,
      );
    }
  }),
  check('A-02', 'from CONNECTED on, where the call was never answered before', async (bench) => {
    const { media, callee, connectId } = await bench.ringing('PENDING');
    await bench.sleep(200);
    same(media.frames.length, 0, 'number of binary messages while it rings');
    callee.send({ type: 'answer' });
    await succeeds(media, connectId);
    await flows(media, tracks.mix, 3);
  }),
  check('A-03', 'tracks share one clock, and only those asked for come', async (bench) => {
    const { media } = await bench.answered({ tracks: ['caller', 'callee', 'caller'] });
    await flows(media, tracks.caller, 10);
    await flows(media, tracks.callee, 10);
    same(frames(media, tracks.mix).length, 0, 'messages of the mix');
    const positions = (track: number): readonly number[] => frames(media, track).map(({ header }) => header.position);
    same(positions(tracks.caller).slice(0, 8), positions(tracks.callee).slice(0, 8), 'positions');
  }),
  check('A-02', 'with no tracks nothing comes', async (bench) => {
    const { media } = await bench.answered({ tracks: [] });
    await bench.sleep(300);
    same(media.frames.length, 0, 'number of binary messages');
  }),
  check('K-07', 'in ANSWERED caller and agent hear each other, and nobody hears himself', async (bench) => {
    const { media, caller } = await bench.answered();
    const [agentEar, callerEar] = [ear(media), ear(caller)];
    media.sendAudio({ samples: agentVoice() });
    await Promise.all([
      phoneSays(bench, caller, { who: 'caller' }),
      hears(agentEar, 'caller'),
      hears(callerEar, 'agent'),
    ]);
    hasNotHeard(agentEar, 'agent');
    hasNotHeard(callerEar, 'caller');
  }),
  check(
    'K-10',
    'while it rings the caller hears something to wait by, and caller and agent go on hearing each other',
    async (bench) => {
      const { media, caller } = await bench.ringing('ANSWERED');
      const [agentEar, callerEar] = [ear(media), ear(caller)];
      await caller.until('a ring-back tone', () => (isLoud(callerEar.peer, callerEar.from) ? true : undefined), 6_000);
      media.sendAudio({ samples: agentVoice() });
      await Promise.all([
        phoneSays(bench, caller, { who: 'caller' }),
        hears(agentEar, 'caller'),
        hears(callerEar, 'agent'),
      ]);
    },
  ),
  check(
    'K-10 P-08',
    'while it rings from PENDING the caller hears a ring-back tone, the agent nothing',
    async (bench) => {
      const { media, caller } = await bench.ringing('PENDING');
      await caller.until('a ring-back tone', () => (isLoud(caller, 0) ? true : undefined), 6_000);
      same(media.frames.length, 0, 'binary messages to the agent');
    },
  ),
  check('K-08', 'in CONNECTED all three hear each other, as the mode has it', async (bench) => {
    const { media, caller, callee } = await bench.connected('barge', { tracks: ['mix', 'caller', 'callee'] });
    const [callerEar, calleeEar, mix] = [ear(caller), ear(callee), ear(media)];
    const alone = { caller: ear(media, tracks.caller), callee: ear(media, tracks.callee) };
    media.sendAudio({ samples: agentVoice() });
    await Promise.all([
      phoneSays(bench, caller, { who: 'caller' }),
      phoneSays(bench, callee, { who: 'callee' }),
      hears(callerEar, 'agent'),
      hears(calleeEar, 'agent'),
      hears(callerEar, 'callee'),
      hears(calleeEar, 'caller'),
      hears(mix, 'caller'),
      hears(mix, 'callee'),
      hears(alone.caller, 'caller'),
      hears(alone.callee, 'callee'),
    ]);
    hasNotHeard(alone.caller, 'callee');
    hasNotHeard(alone.callee, 'caller');
    for (const listener of [mix, alone.caller, alone.callee]) hasNotHeard(listener, 'agent');
  }),
  check('K-08 K-13', 'whisper is heard by the callee only, from the first tick of CONNECTED', async (bench) => {
    const { media, caller, callee } = await bench.connected('whisper');
    await heardBy(bench, media, { yes: [callee], no: [caller] });
  }),
  check('K-08 K-13 A-11', 'spy is heard by nobody, and played at its pace', async (bench) => {
    const { media, caller, callee } = await bench.connected('spy');
    const fromMs = bench.site.clock.now();
    await heardBy(bench, media, { yes: [], no: [caller, callee] });
    const { audible } = await media.message('playout', ({ played }) => played === agentVoice().length);
    same(audible, false, '`audible` of the playout');
    const tookMs = bench.site.clock.now() - fromMs;
    must(tookMs > 150, 'about 200 ms to play 200 ms', `${Math.round(tookMs)} ms`);
  }),
  check('A-11', 'audio sent in PENDING is kept, and heard from ANSWERED on', async (bench) => {
    const { media, caller } = await bench.call();
    media.sendAudio({ samples: agentVoice() });
    await bench.sleep(300);
    await media.pong();
    same([media.all('credit').length, media.all('playout').length], [0, 0], 'credits and playouts in PENDING');
    await succeeds(media, media.command('answer'));
    await hears({ peer: caller, track: tracks.mix, from: 0 }, 'agent');
    await media.message('playout', ({ played }) => played === agentVoice().length);
  }),
];

function isLoud(peer: Peer, from: number): boolean {
  return peer.frames.slice(from).some(({ samples }) => samples.some((sample) => Math.abs(sample) > 300));
}

/** The agent speaks for 200 ms; these phones hear it, those do not. */
async function heardBy(
  bench: SwitchBench,
  media: Peer,
  { yes, no }: { readonly yes: readonly Peer[]; readonly no: readonly Peer[] },
): Promise<void> {
  const [hearing, deaf] = [yes.map((phone) => ear(phone)), no.map((phone) => ear(phone))];
  media.sendAudio({ samples: agentVoice() });
  await Promise.all(hearing.map((listener) => hears(listener, 'agent')));
  await media.message('playout', ({ played }) => played === agentVoice().length);
  await bench.sleep((10 * tickSamples * 1_000) / rateHz);
  for (const listener of deaf) hasNotHeard(listener, 'agent');
}
