import { frameFlags } from '@agentao/protocol';
import { isRefused, rateHz, succeeds } from '../bench.ts';
import { agentVoice, ear, hasNotHeard, heardSpan, hears, voice } from '../hearing.ts';
import { check, must, same, type SwitchCheck } from '../make-check.ts';
import type { Peer } from '../peer.ts';

/** The newest change of mode, as the event told it. */
function change(media: Peer): { readonly mode: string; readonly position: number } | undefined {
  const events = media.all('event').flatMap(({ event }) => (event.type === 'call.mode_changed' ? [event] : []));
  const last = events.at(-1);
  return last === undefined ? undefined : { mode: last.mode, position: last.position };
}

/** Changes of mode in CONNECTED. */
export const modeChecks: readonly SwitchCheck[] = [
  check(
    'K-13 M-06',
    'a change of mode: event, then response, both with the position; the same mode is a change too',
    async (bench) => {
      const { media } = await bench.connected('barge');
      for (const mode of ['whisper', 'spy', 'barge', 'barge'] as const) {
        const id = media.command('mode', { mode });
        const { position } = await succeeds(media, id);
        same(change(media), { mode, position }, 'event');
        const response = await media.message('response', (message) => message.id === id);
        const event = media.all('event').at(-1);
        must(
          event !== undefined && media.indexOf(event) < media.indexOf(response),
          'the event before the response',
          media.describe(),
        );
      }
    },
  ),
  check('K-13', 'a change of mode changes who hears the agent', async (bench) => {
    const { media, caller, callee } = await bench.connected('barge');
    let position = 0;
    const say = async (): Promise<void> => {
      const samples = agentVoice();
      media.sendAudio({ samples, position, flags: frameFlags.endOfTrack });
      position += samples.length;
      await media.message('playout', ({ played }) => played === position);
      await bench.sleep(300);
    };
    await succeeds(media, media.command('mode', { mode: 'whisper' }));
    const whispered = [ear(caller), ear(callee)] as const;
    await say();
    hasNotHeard(whispered[0], 'agent');
    await hears(whispered[1], 'agent');
    await succeeds(media, media.command('mode', { mode: 'spy' }));
    const spied = [ear(caller), ear(callee)] as const;
    await say();
    for (const listener of spied) hasNotHeard(listener, 'agent');
    await succeeds(media, media.command('mode', { mode: 'barge' }));
    const barged = [ear(caller), ear(callee)] as const;
    await say();
    for (const listener of barged) await hears(listener, 'agent');
  }),
  check('K-14', 'without `discard` queued audio goes on in the new mode', async (bench) => {
    const { media, caller, callee } = await bench.connected('spy');
    const ears = [ear(caller), ear(callee)];
    media.sendAudio({ samples: agentVoice(200), flags: frameFlags.endOfTrack });
    await succeeds(media, media.command('mode', { mode: 'barge' }));
    await media.message('playout', ({ played }) => played === agentVoice(200).length);
    for (const listener of ears) await hears(listener, 'agent');
  }),
  check('K-13 A-18', 'with `discard` queued audio is dropped on the tick of the change, and told', async (bench) => {
    const { media, caller, attached } = await bench.connected('spy');
    const sent = attached.windowSamples;
    media.sendAudio({ samples: voice('callee', (sent / rateHz) * 1_000) });
    const listener = ear(caller);
    const end = sent + 700;
    const id = media.command('mode', { mode: 'barge', discard: { generation: 1, position: end } });
    const { position = -1, clearedSamples = -1 } = await succeeds(media, id);
    same(clearedSamples, end - position, 'clearedSamples');
    must(position >= 0 && position < sent, 'less than all of it heard', position);
    same(change(media), { mode: 'barge', position: end }, 'event');
    const jump = await media.message('playout', ({ generation }) => generation === 1);
    same(jump.played, end, '`played`');
    media.sendAudio({ samples: agentVoice(), position: end, generation: 1, flags: frameFlags.endOfTrack });
    await hears(listener, 'agent');
    // What was dropped had the tone of the callee.
    hasNotHeard(listener, 'callee');
  }),
  check('K-15', 'with `afterPosition` the mode changes when that position is reached', async (bench) => {
    const { media, caller } = await bench.connected('barge');
    const id = media.command('mode', { mode: 'spy', afterPosition: 800 });
    await media.settled();
    // Behind the last of the ring-back tone.
    await caller.settled();
    const listener = ear(caller);
    must(
      media.find('response', (message) => message.id === id) === undefined,
      'it to wait for audio',
      media.describe(),
    );
    media.sendAudio({ samples: agentVoice(), flags: frameFlags.endOfTrack });
    same(await succeeds(media, id), { position: 800 }, 'result');
    same(change(media), { mode: 'spy', position: 800 }, 'event');
    await media.message('playout', ({ played }) => played === 1_600);
    await bench.sleep(300);
    const heard = heardSpan(caller, listener.from);
    must(Math.abs(heard - 800) <= rateHz / 25, 'about 800 samples at the caller', heard);
  }),
  check('K-15', 'with an `afterPosition` that is reached already the mode changes at once', async (bench) => {
    const { media } = await bench.connected('barge');
    await succeeds(media, media.command('mode', { mode: 'spy', afterPosition: 0 }));
    same(change(media)?.mode, 'spy', 'mode');
  }),
  check('K-16', 'a newer `mode` overtakes one that waits: INVALID_STATE, and no event', async (bench) => {
    const { media } = await bench.connected('barge');
    const waiting = media.command('mode', { mode: 'spy', afterPosition: 50_000 });
    await succeeds(media, media.command('mode', { mode: 'whisper' }));
    await isRefused(media, waiting, 'INVALID_STATE');
    await media.settled();
    const modes = media.all('event').flatMap(({ event }) => (event.type === 'call.mode_changed' ? [event.mode] : []));
    same(modes, ['whisper'], 'changes');
  }),
  check(
    'K-16',
    'a clear carries out a `mode` that waits: event and response before those of the clear',
    async (bench) => {
      const { media } = await bench.connected('barge');
      const waiting = media.command('mode', { mode: 'spy', afterPosition: 50_000 });
      const clear = media.command('clear', { generation: 1, position: 400 });
      await succeeds(media, clear);
      await succeeds(media, waiting);
      same(change(media)?.mode, 'spy', 'mode');
      const order = media
        .all('response')
        .map(({ id }) => id)
        .slice(-2);
      same(order, [waiting, clear], 'order of the responses');
    },
  ),
];
