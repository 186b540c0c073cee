import { frameFlags, limits, tracks } from '@agentao/protocol';
import { isRefused, rateHz, type SwitchBench, succeeds, tickSamples } from '../bench.ts';
import { audio, command, type FaultRow, mediaFaults } from '../fault.ts';
import { agentVoice, heardSpan } from '../hearing.ts';
import { check, must, same, type SwitchCheck } from '../make-check.ts';
import type { Peer } from '../peer.ts';

const clearAt160 = command('clear', 1, { generation: 1, position: 160 });
const halfSample = new Uint8Array(8 + 321);
halfSample[0] = tracks.agent;
const spy = { mode: 'spy', discard: { generation: 1, position: 160 } };

const rows: readonly FaultRow[] = [
  ['A-01', 'a header cut short', 'closes BAD_AUDIO', new Uint8Array(7)],
  ['A-01', 'an empty binary message', 'closes BAD_AUDIO', new Uint8Array(0)],
  ['A-01', 'half a sample', 'closes BAD_AUDIO', halfSample],
  ['A-01', 'a message without samples', 'stays open', audio(0, 0)],
  ['A-01 A-07', 'a message without samples at the wrong position', 'closes BAD_AUDIO', audio(160, 0)],
  ['A-01', 'flags that nobody knows', 'stays open', audio(0, 160, { flags: 0xfff8 })],
  ['A-06', 'a track that is incoming', 'closes BAD_AUDIO', audio(0, 160, { track: tracks.mix })],
  ['A-06', 'a track that is none', 'closes BAD_AUDIO', audio(0, 160, { track: 9 })],
  ['A-07', 'a first position that is not 0', 'closes BAD_AUDIO', audio(160, 160)],
  ['A-07', 'a position that jumps', 'closes BAD_AUDIO', audio(0, 160), audio(320, 160)],
  ['A-07', 'a position that goes back', 'closes BAD_AUDIO', audio(0, 160), audio(80, 160)],
  [
    'A-07',
    'messages of any length, each where the last one ended',
    'stays open',
    audio(0, 1),
    audio(1, 333),
    audio(334, 7),
  ],
  ['A-08', 'all of the credit', 'stays open', (credit) => audio(0, credit)],
  ['A-08', 'one sample more than the credit', 'closes CREDIT_EXCEEDED', (credit) => audio(0, credit + 1)],
  [
    'A-08',
    'the credit, and one sample more in the next message',
    'closes CREDIT_EXCEEDED',
    (credit) => audio(0, credit),
    (credit) => audio(credit, 1),
  ],
  [
    'A-14',
    'all of the window behind a clear, at once',
    'ok',
    audio(0, 160),
    clearAt160,
    (window) => audio(160, window, { generation: 1 }),
  ],
  [
    'A-14',
    'more than the window behind a clear',
    'ok, closes CREDIT_EXCEEDED',
    audio(0, 160),
    clearAt160,
    { responseTo: 1 },
    (window) => audio(160, window + 1, { generation: 1 }),
  ],
  ['A-15', 'a generation that has not begun', 'closes BAD_AUDIO', audio(0, 160, { generation: 1 })],
  [
    'A-15',
    'an older generation, whatever it holds',
    'ok',
    audio(0, 160),
    clearAt160,
    audio(9_999, 9_999),
    audio(0, 160, { track: 2 }),
  ],
  [
    'A-15 A-01',
    'half a sample of an older generation',
    'ok, closes BAD_AUDIO',
    audio(0, 160),
    clearAt160,
    { responseTo: 1 },
    halfSample,
  ],
  [
    'A-15 A-07',
    'new audio that does not start where the clear says',
    'ok, closes BAD_AUDIO',
    audio(0, 160),
    clearAt160,
    { responseTo: 1 },
    audio(0, 160, { generation: 1 }),
  ],
  [
    'A-18',
    'clears that do not wait for each other',
    'ok, ok',
    audio(0, 160),
    clearAt160,
    audio(160, 80, { generation: 1 }),
    command('clear', 2, { generation: 2, position: 240 }),
  ],
  [
    'A-18',
    'a `mode` with `discard` that is refused, its generation begun by a clear',
    'INVALID_STATE, ok',
    command('mode', 1, spy),
    command('clear', 2, { generation: 1, position: 160 }),
    audio(160, 160, { generation: 1 }),
  ],
  [
    'A-18 A-15',
    'audio of a generation whose `mode` was refused',
    'INVALID_STATE, closes BAD_AUDIO',
    command('mode', 1, spy),
    { responseTo: 1 },
    audio(160, 160, { generation: 1 }),
  ],
  [
    'K-17',
    'a clear whose generation does not follow',
    'BAD_ARGUMENT',
    command('clear', 1, { generation: 2, position: 0 }),
  ],
  ['K-17', 'a clear of the present generation', 'BAD_ARGUMENT', command('clear', 1, { generation: 0, position: 0 })],
  [
    'K-17',
    'a clear before the end of what was sent',
    'BAD_ARGUMENT',
    audio(0, 160),
    command('clear', 1, { generation: 1, position: 80 }),
  ],
];

/** Sends `total` samples as the credit allows. */
async function sendAll(
  media: Peer,
  total: number,
  samples: (position: number, count: number) => Int16Array,
): Promise<void> {
  let position = 0;
  while (position < total) {
    const from = position;
    const upTo = await media.until('credit', () => {
      const newest = Math.max(media.find('attached')?.upTo ?? 0, ...media.all('credit').map((credit) => credit.upTo));
      return newest > from ? newest : undefined;
    });
    const count = Math.min(upTo, total) - position;
    const flags = position + count === total ? frameFlags.endOfTrack : 0;
    media.sendAudio({ samples: samples(position, count), position, flags });
    position += count;
  }
}

const silence = (_: number, count: number): Int16Array => new Int16Array(count);
const steps = (media: Peer): readonly number[] => media.all('playout').map(({ played }) => played);

/** What the client says: credit, positions, playout, clear. */
export const audioOutChecks: readonly SwitchCheck[] = [
  ...mediaFaults(rows),
  check(
    'A-12 A-08',
    'credit comes as audio is heard: the window ahead of it, less than one step behind',
    async (bench) => {
      const { media, attached } = await bench.answered();
      const total = rateHz;
      await sendAll(media, total, silence);
      await media.message('playout', ({ played }) => played === total);
      await media.settled();
      const upTo = Math.max(attached.upTo, ...media.all('credit').map((credit) => credit.upTo));
      const most = total + attached.windowSamples;
      const least = most - rateHz / 10 - tickSamples;
      must(upTo <= most && upTo >= least, `credit of ${least} to ${most}`, upTo);
      for (const { generation } of media.all('credit')) same(generation, 0, 'generation of the credit');
    },
  ),
  check('A-13', '`playout` comes every 200 ms of playing, and when the queue runs dry', async (bench) => {
    const { media } = await bench.answered();
    const total = rateHz;
    await sendAll(media, total, silence);
    await media.message('playout', ({ played }) => played === total);
    const played = [0, ...steps(media)];
    const gaps = played.slice(1).map((position, index) => position - (played[index] ?? 0));
    const most = (limits.playoutReportMs / 1_000) * rateHz + tickSamples;
    must(
      gaps.every((gap) => gap <= most),
      `steps of at most ${most} samples`,
      gaps,
    );
    must(gaps.length <= 9, 'no more reports than every 200 ms of playing', played);
    must(
      media.all('playout').every(({ audible }) => audible),
      '`audible` in ANSWERED',
      media.all('playout'),
    );
  }),
  check('A-10 A-13', 'a last partial tick is played, and its padding not counted', async (bench) => {
    const { media } = await bench.answered();
    media.sendAudio({ samples: 250, flags: frameFlags.endOfTrack });
    await media.message('playout', ({ played }) => played === 250);
    media.sendAudio({ samples: 30, position: 250 });
    await media.message('playout', ({ played }) => played === 280);
  }),
  check('A-10', 'audio is taken one tick per tick: it is heard no faster than it lasts', async (bench) => {
    const { media, attached } = await bench.answered();
    const fromMs = bench.site.clock.now();
    media.sendAudio({ samples: attached.windowSamples, flags: frameFlags.endOfTrack });
    await media.message('playout', ({ played }) => played === attached.windowSamples);
    const tookMs = bench.site.clock.now() - fromMs;
    const lastsMs = (attached.windowSamples / rateHz) * 1_000;
    must(tookMs > lastsMs - 60, `about ${lastsMs} ms to play it`, `${Math.round(tookMs)} ms`);
  }),
  check(
    'M-10 A-13',
    'a mark brings a `playout` when its position has been heard; one that is reached already, at once',
    async (bench) => {
      const { media } = await bench.answered();
      media.send({ type: 'mark', position: 0 });
      await media.message('playout', ({ played }) => played === 0);
      for (const position of [500, 500, 480]) media.send({ type: 'mark', position });
      media.sendAudio({ samples: 1_600, flags: frameFlags.endOfTrack });
      await media.message('playout', ({ played }) => played === 1_600);
      const near = steps(media).filter((played) => played >= 480 && played < 800);
      must(
        near.length >= 1 && (near[0] ?? 0) < 500 + 2 * tickSamples,
        'a `playout` on the tick of the mark',
        steps(media),
      );
      must(new Set(near).size === near.length, 'one `playout` for marks of one tick', near);
    },
  ),
  check('M-10', '1,024 marks may wait, one more closes BAD_MESSAGE', async (bench) => {
    const { media } = await bench.call();
    for (let count = 0; count < limits.pendingMarks; count++) {
      media.send({ type: 'mark', position: 1_000_000 + count });
      if (count % 350 === 349) await bench.sleep(1_000);
    }
    await media.pong();
    media.send({ type: 'mark', position: 2_000_000 });
    await media.closes('BAD_MESSAGE');
  }),
  check(
    'K-17 A-17',
    'a clear: `playout` of the new generation first, then what was heard and what was dropped',
    async (bench) => {
      const { media, caller, attached } = await bench.answered();
      const from = caller.frames.length;
      const sent = Math.min(attached.windowSamples, 3_200);
      media.sendAudio({ samples: agentVoice((sent / rateHz) * 1_000) });
      await caller.until('the voice of the agent', () => (heardSpan(caller, from) > 0 ? true : undefined));
      const end = sent + 4_000;
      const id = media.command('clear', { generation: 1, position: end });
      const { position = -1, clearedSamples = -1 } = await succeeds(media, id);
      const response = await media.message('response', (message) => message.id === id);
      const jump = media.find('playout', ({ generation }) => generation === 1);
      must(
        jump !== undefined && media.indexOf(jump) < media.indexOf(response),
        '`playout` before the response',
        media.describe(),
      );
      same(jump.played, end, '`played`');
      same(clearedSamples, end - position, 'clearedSamples');
      must(position > 0 && position < sent, 'some of it heard, and not all', position);
      await bench.sleep(400);
      const heard = heardSpan(caller, from);
      const slack = 3 * tickSamples;
      must(Math.abs(heard - position) <= slack, `about ${position} samples at the ear of the caller`, heard);
    },
  ),
  check('K-17', 'a clear of a clear: its position is the one that the first jumped to', async (bench) => {
    const { media } = await bench.call();
    media.sendAudio({ samples: 800 });
    same(
      await succeeds(media, media.command('clear', { generation: 1, position: 900 })),
      { position: 0, clearedSamples: 900 },
      'result',
    );
    same(
      await succeeds(media, media.command('clear', { generation: 2, position: 1_000 })),
      { position: 900, clearedSamples: 100 },
      'result',
    );
  }),
  check('A-17 M-10', 'marks up to the position of a clear count as reached', async (bench) => {
    const { media } = await bench.call();
    media.sendAudio({ samples: 800 });
    for (const position of [300, 900]) media.send({ type: 'mark', position });
    await succeeds(media, media.command('clear', { generation: 1, position: 900 }));
    same(steps(media), [900], '`played` of the playouts');
  }),
  check('A-14 A-17', 'audio behind a clear is heard: credit and playout are of the new generation', async (bench) => {
    const { media, caller, attached } = await bench.answered();
    media.sendAudio({ samples: attached.windowSamples });
    const start = attached.windowSamples + 100;
    media.command('clear', { generation: 1, position: start });
    const from = caller.frames.length;
    const count = Math.min(attached.windowSamples, 1_600);
    media.sendAudio({
      samples: agentVoice((count / rateHz) * 1_000),
      position: start,
      generation: 1,
      flags: frameFlags.endOfTrack,
    });
    await media.message('playout', ({ generation, played }) => generation === 1 && played === start + count);
    await bench.sleep(300);
    const heard = heardSpan(caller, from);
    must(Math.abs(heard - count) <= 3 * tickSamples, `about ${count} samples at the ear of the caller`, heard);
  }),
  check('K-17', 'generations go round from 255 to 0', async (bench) => {
    const { media } = await bench.call();
    await goRound(bench, media);
    await isRefused(media, media.command('clear', { generation: 0, position: 10 }), 'BAD_ARGUMENT');
  }),
];

async function goRound(bench: SwitchBench, media: Peer): Promise<void> {
  for (let generation = 1; generation <= 256; generation++) {
    const id = media.command('clear', { generation: generation % 256, position: 10 });
    if (generation % 32 !== 0) continue;
    await succeeds(media, id);
    await bench.sleep(100);
  }
}
