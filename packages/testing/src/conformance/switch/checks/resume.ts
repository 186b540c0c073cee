import { frameFlags, type MediaResumed, tracks } from '@agentao/protocol';
import { rateHz, type SwitchBench, succeeds, type TestCall } from '../bench.ts';
import { agentVoice, ear, hears, phoneSays } from '../hearing.ts';
import { check, must, same, type SwitchCheck } from '../make-check.ts';
import type { Peer } from '../peer.ts';

/** What a client that comes back says it has; left out is what it has indeed. */
interface Had {
  readonly received?: object;
  readonly lastEventSeq?: number;
  readonly generation?: number;
  /** Default: that of `attached`. */
  readonly token?: string;
}

/** Position behind what a connection has heard of the mix. */
function heardTo(media: Peer): number {
  const last = media.frames.findLast(({ header }) => header.track === tracks.mix);
  return last === undefined ? 0 : last.header.position + last.samples.length;
}

function lastSeq(media: Peer): number {
  return media.all('event').at(-1)?.seq ?? 0;
}

/** Opens the next connection and sends `resume`, but waits for nothing. */
async function comeBack(bench: SwitchBench, call: Pick<TestCall, 'media' | 'attached'>, had: Had = {}): Promise<Peer> {
  const { media, attached } = call;
  const next = await bench.openMedia(had.token ?? attached.resumeToken);
  const position = heardTo(media);
  next.commands = media.commands;
  next.send({
    type: 'resume',
    received: had.received ?? (position > 0 ? { mix: position } : {}),
    lastEventSeq: had.lastEventSeq ?? lastSeq(media),
    generation: had.generation ?? 0,
  });
  return next;
}

/** The same, and its `resumed`. */
async function resumed(
  bench: SwitchBench,
  call: Pick<TestCall, 'media' | 'attached'>,
  had?: Had,
): Promise<{ readonly media: Peer; readonly told: MediaResumed }> {
  const media = await comeBack(bench, call, had);
  return { media, told: await media.message('resumed') };
}

async function lose(bench: SwitchBench, media: Peer, outageMs = 200): Promise<void> {
  media.socket.terminate();
  await bench.sleep(outageMs);
}

/** How a client comes back to its call. */
export const resumeChecks: readonly SwitchCheck[] = [
  check('R-02 R-03', '`resumed` tells the state and the next token, then `call.resumed` comes', async (bench) => {
    const call = await bench.answered();
    await lose(bench, call.media);
    const { media, told } = await resumed(bench, call);
    same([told.state, told.mode, told.generation], ['ANSWERED', null, 0], 'state, mode, generation');
    same(told.windowSamples, call.attached.windowSamples, 'windowSamples');
    must(told.resumeToken !== call.attached.resumeToken, 'another token', 'the same one');
    const { seq, event } = await media.message('event');
    same([seq, event.type], [2, 'call.resumed'], 'first event');
    must(event.type === 'call.resumed' && event.outageMs >= 100, 'its `outageMs`', event);
    await succeeds(media, media.command('disconnect'));
  }),
  check('R-03', 'events that the client lacks come again, with their numbers', async (bench) => {
    const call = await bench.answered();
    call.media.socket.terminate();
    for (const digit of ['1', '2', '3']) call.caller.send({ type: 'dtmf', digit });
    await bench.sleep(300);
    const { media } = await resumed(bench, call, { lastEventSeq: 0 });
    await media.message('event', ({ event }) => event.type === 'call.resumed');
    const events = media
      .all('event')
      .map(({ seq, event }) => [seq, event.type === 'call.dtmf' ? event.digit : event.type]);
    same(
      events,
      [
        [1, 'call.answered'],
        [2, '1'],
        [3, '2'],
        [4, '3'],
        [5, 'call.resumed'],
      ],
      'events',
    );
  }),
  check('R-02', 'a token is not used up by a `resumed` that never arrived', async (bench) => {
    const call = await bench.answered();
    await lose(bench, call.media);
    const first = await comeBack(bench, call);
    await first.message('resumed');
    first.socket.terminate();
    await bench.sleep(100);
    const { media } = await resumed(bench, call);
    await media.pong();
  }),
  check('R-02', 'a token is used up by what comes behind `resume`: 401 INVALID_TOKEN', async (bench) => {
    const call = await bench.answered();
    await lose(bench, call.media);
    const { media } = await resumed(bench, call);
    await succeeds(media, media.command('dtmf', { digits: '1' }));
    same(await bench.mediaAnswer(call.attached.resumeToken), 'HTTP 401 INVALID_TOKEN', 'answer');
    await media.pong();
  }),
  check(
    'R-02 R-03',
    'each `resumed` carries the token for the next one, and the events go on counting',
    async (bench) => {
      const call = await bench.answered();
      let last: Pick<TestCall, 'media' | 'attached'> = call;
      for (let seq = 2; seq <= 4; seq++) {
        await lose(bench, last.media, 100);
        const { media, told } = await resumed(bench, last);
        same((await media.message('event')).seq, seq, 'seq of `call.resumed`');
        await succeeds(media, media.command('dtmf', { digits: '1' }));
        last = { media, attached: { ...call.attached, resumeToken: told.resumeToken } };
      }
    },
  ),
  check('R-02', 'an invented token: 401 INVALID_TOKEN', async (bench) => {
    same(await bench.mediaAnswer('rt_x'), 'HTTP 401 INVALID_TOKEN', 'answer');
  }),
  check('R-01 M-01', '`attach` with a resume token: closes OUT_OF_ORDER', async (bench) => {
    const call = await bench.answered();
    await lose(bench, call.media);
    const next = await bench.openMedia(call.attached.resumeToken);
    next.send({ type: 'attach', sampleRateHz: rateHz });
    await next.closes('OUT_OF_ORDER');
  }),
  check(
    'R-04 A-03',
    'what was said meanwhile is replayed, flagged, faster than it was said, and nothing twice',
    async (bench) => {
      const call = await bench.answered();
      await hearsSomething(call.media);
      call.media.socket.terminate();
      const saying = phoneSays(bench, call.caller, { who: 'caller', durationMs: 400 });
      await bench.sleep(700);
      await saying;
      const from = heardTo(call.media);
      const { media, told } = await resumed(bench, call);
      const replayFrom = told.replayFrom.mix ?? 0;
      must(replayFrom >= from, `a replay from ${from} on`, told.replayFrom);
      await hears({ peer: media, track: tracks.mix, from: 0 }, 'caller');
      await media.until('live audio', () =>
        media.frames.some(({ header }) => (header.flags & frameFlags.replayed) === 0) ? true : undefined,
      );
      same(media.frames[0]?.header.position, replayFrom, 'first position');
      let end = from;
      for (const { header, samples } of media.frames) {
        // A switch that was held up has skipped ticks, and says so.
        const jumps = (header.flags & frameFlags.gapBefore) !== 0 && header.position > end;
        must(jumps || header.position === end, `position ${end}, or a later one flagged \`gapBefore\``, header);
        end = header.position + samples.length;
      }
      const flagged = media.frames.map(({ header }) => (header.flags & frameFlags.replayed) !== 0);
      must(
        flagged[0] === true && flagged.lastIndexOf(true) < flagged.indexOf(false),
        'replayed audio first, then live',
        flagged.length,
      );
      const event = await media.message('event', (message) => message.event.type === 'call.resumed');
      must(
        event.event.type === 'call.resumed' && event.event.replayedSamples >= rateHz / 2,
        'its `replayedSamples`',
        event.event,
      );
    },
  ),
  check('R-06', 'outgoing audio goes on at `received`; what the switch holds is heard once', async (bench) => {
    const call = await bench.answered();
    call.media.sendAudio({ samples: 1_600 });
    await call.media.pong();
    await lose(bench, call.media, 400);
    const { media, told } = await resumed(bench, call);
    same([told.received, told.played], [1_600, 1_600], 'received and played');
    must(told.upTo >= told.received, 'credit from there', told);
    const listener = ear(call.caller);
    media.sendAudio({ samples: agentVoice(), position: told.received, flags: frameFlags.endOfTrack });
    await hears(listener, 'agent');
    await media.message('playout', ({ played }) => played === 3_200);
  }),
  check('R-06', 'audio that does not go on at `received`: closes BAD_AUDIO', async (bench) => {
    const call = await bench.answered();
    call.media.sendAudio({ samples: 800 });
    await call.media.pong();
    await lose(bench, call.media);
    const { media } = await resumed(bench, call);
    media.sendAudio({ samples: 160, position: 960 });
    await media.closes('BAD_AUDIO');
  }),
  check(
    'R-06',
    'a client that is ahead by a clear says it again, and goes on where its generation begins',
    async (bench) => {
      const call = await bench.answered();
      call.media.sendAudio({ samples: 800 });
      await call.media.pong();
      await lose(bench, call.media);
      const { media, told } = await resumed(bench, call, { generation: 1 });
      same(told.generation, 0, 'generation of the switch');
      await succeeds(media, media.command('clear', { generation: 1, position: 900 }));
      media.sendAudio({ samples: 160, position: 900, generation: 1, flags: frameFlags.endOfTrack });
      await media.message('playout', ({ generation, played }) => generation === 1 && played === 1_060);
    },
  ),
  check('R-03 K-02', 'a command that is repeated behind a resume is not executed twice', async (bench) => {
    const call = await bench.answered();
    const id = call.media.command('dtmf', { digits: '7' });
    await succeeds(call.media, id);
    await call.caller.message('dtmf');
    await lose(bench, call.media);
    const { media } = await resumed(bench, call);
    media.send({ type: 'dtmf', id, digits: '7' });
    await succeeds(media, id);
    await bench.sleep(200);
    same(call.caller.all('dtmf').length, 1, 'keys at the caller');
  }),
  check('R-07', 'a `resume` displaces the connection that is still there: closes DISPLACED', async (bench) => {
    const call = await bench.answered();
    const { media } = await resumed(bench, call);
    await call.media.closes('DISPLACED');
    await succeeds(media, media.command('dtmf', { digits: '1' }));
    must(call.caller.find('ended') === undefined, 'the call going on', call.caller.describe());
  }),
  check('R-07', 'marks end with their connection', async (bench) => {
    const call = await bench.answered();
    call.media.send({ type: 'mark', position: 800 });
    await call.media.pong();
    await lose(bench, call.media);
    const { media } = await resumed(bench, call);
    const mark = 1_200;
    media.send({ type: 'mark', position: mark });
    media.sendAudio({ samples: 1_600, flags: frameFlags.endOfTrack });
    await media.message('playout', ({ played }) => played === 1_600);
    const played = media.all('playout').map((report) => report.played);
    must(
      played.some((position) => position >= mark && position < mark + 320),
      'a `playout` at the new mark',
      played,
    );
  }),
  check('R-05 M-04', 'a client that comes back when it is gone for good finds 409 TAKEN_OVER', async (bench) => {
    const { media, attached } = await bench.connected();
    media.socket.close(1000);
    await media.until('the end', () => media.close);
    same(await bench.mediaAnswer(attached.resumeToken), 'HTTP 409 TAKEN_OVER', 'answer');
  }),
  check(
    'R-08',
    'a client that comes back after the end is told: DISCONNECTED, the events it lacks, close NORMAL',
    async (bench) => {
      const call = await bench.answered();
      await lose(bench, call.media, 100);
      call.caller.send({ type: 'hangup' });
      await call.caller.message('ended');
      const { media, told } = await resumed(bench, call);
      same(told.state, 'DISCONNECTED', 'state');
      await media.closes('NORMAL');
      const events = media.all('event').map(({ seq, event }) => [seq, event.type]);
      same(events, [[2, 'call.terminated']], 'events');
    },
  ),
  check('R-03', 'a call that is connected while its agent is away: the events tell', async (bench) => {
    const call = await bench.ringing('ANSWERED');
    call.media.socket.terminate();
    call.callee.send({ type: 'answer' });
    await call.callee.message('answered');
    const { media, told } = await resumed(bench, call);
    same([told.state, told.mode], ['CONNECTED', 'barge'], 'state and mode');
    await media.message('event', ({ event }) => event.type === 'call.connected');
    media.send({ type: 'connect', id: call.connectId, ringTimeMs: 30_000, mode: 'barge' });
    await succeeds(media, call.connectId);
  }),
];

async function hearsSomething(media: Peer): Promise<void> {
  await media.until('audio', () => (media.frames.length >= 10 ? true : undefined));
}
