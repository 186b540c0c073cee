import { tracks } from '@agentao/protocol';
import { isRefused, rateHz, type SwitchBench, succeeds, type TestCall } from '../bench.ts';
import { agentVoice, ear, hasNotHeard, hears, voice } from '../hearing.ts';
import { check, must, same, type SwitchCheck } from '../make-check.ts';
import type { Peer } from '../peer.ts';

/** Long enough that an offer which must not come would have. */
const neverMs = 400;
const context = { customer: 17 };

/** An owner in ANSWERED that has stored a context. Nobody else is ready yet. */
async function owned(bench: SwitchBench): Promise<TestCall & { readonly owner: Peer }> {
  const owner = await bench.readyControl({ acceptsTakeover: true });
  const { caller } = await bench.dial();
  const offer = await owner.message('offer');
  const call = { caller, ...(await bench.take(offer)) };
  await succeeds(call.media, call.media.command('answer'));
  await succeeds(call.media, call.media.command('context', { context }));
  return { ...call, owner };
}

/** A client that takes calls over. */
function heir(bench: SwitchBench): Promise<Peer> {
  return bench.readyControl({ acceptsTakeover: true });
}

/** The agent is gone for good: the code with which it closes has no retry. */
async function goes({ media }: TestCall): Promise<void> {
  media.socket.close(1000);
  await media.until('the end', () => media.close);
}

/** How calls go from one client to another in their middle. */
export const takeoverChecks: readonly SwitchCheck[] = [
  check(
    'R-09',
    'a call in ANSWERED whose agent is gone is offered with state, mode and context, to who takes over',
    async (bench) => {
      const call = await owned(bench);
      const [plain, next] = [await bench.readyControl(), await heir(bench)];
      await goes(call);
      const offer = await next.message('offer');
      same(offer.callId, call.offer.callId, 'callId');
      const {
        state,
        mode,
        context: left,
      } = offer.takeover ?? { state: undefined, mode: undefined, context: undefined };
      same([state, mode, left], ['ANSWERED', null, context], 'state, mode and context');
      await bench.sleep(neverMs);
      await Promise.all([plain.pong(), call.owner.pong()]);
      same(
        [plain.all('offer').length, call.owner.all('offer').length],
        [0, 1],
        'offers to who does not take over, and to who had it',
      );
      must(call.caller.find('ended') === undefined, 'the caller on the line', call.caller.describe());
    },
  ),
  check('R-10', 'it is offered to one client after the other', async (bench) => {
    const call = await owned(bench);
    const heirs = [await heir(bench), await heir(bench)] as const;
    await goes(call);
    const first = await Promise.any(heirs.map(async (client) => ({ client, offer: await client.message('offer') })));
    const other = heirs[0] === first.client ? heirs[1] : heirs[0];
    await other.pong();
    same(other.all('offer').length, 0, 'offers to the other one meanwhile');
    first.client.send({ type: 'decline', offerId: first.offer.offerId });
    const offer = await other.message('offer');
    same(offer.takeover?.context, context, 'context');
  }),
  check('R-10', 'a client that becomes ready meanwhile is asked; until then the callee is not rung', async (bench) => {
    const callee = await bench.phone(await bench.number());
    const call = await owned(bench);
    await goes(call);
    await bench.sleep(1_000);
    must(callee.find('incoming') === undefined, 'the callee not rung', callee.describe());
    const next = await heir(bench);
    const { attached } = await bench.take(await next.message('offer'));
    same(attached.state, 'ANSWERED', 'state');
  }),
  check(
    'R-11',
    'the new owner begins anew: positions, generation, events and ids of commands; the call goes on',
    async (bench) => {
      const call = await owned(bench);
      const next = await heir(bench);
      await goes(call);
      const { media, attached } = await bench.take(await next.message('offer'));
      same([attached.state, attached.mode, attached.generation], ['ANSWERED', null, 0], 'state, mode and generation');
      must(attached.atMs > call.attached.atMs, '`atMs` going on', attached.atMs);
      media.sendAudio({ samples: agentVoice() });
      await hears(ear(call.caller), 'agent');
      await succeeds(media, media.command('dtmf', { digits: '1' }));
      call.caller.send({ type: 'dtmf', digit: '2' });
      const { seq, event } = await media.message('event');
      same([seq, event.type], [1, 'call.dtmf'], 'first event');
      const [frame] = media.frames;
      const heardMs = ((frame?.header.position ?? 0) / rateHz) * 1_000;
      must(frame?.header.track === tracks.mix, 'the mix', frame?.header);
      must(
        Math.abs(heardMs - attached.atMs) < 500,
        `incoming audio from ${Math.round(attached.atMs)} ms on`,
        `${heardMs} ms`,
      );
    },
  ),
  check('R-11', 'what the old owner had queued is not heard any more', async (bench) => {
    const call = await owned(bench);
    const next = await heir(bench);
    call.media.sendAudio({ samples: voice('callee', (call.attached.windowSamples / rateHz) * 1_000) });
    await call.media.pong();
    await goes(call);
    const { media } = await bench.take(await next.message('offer'));
    const listener = ear(call.caller);
    media.sendAudio({ samples: agentVoice() });
    await hears(listener, 'agent');
    await bench.sleep(200);
    const late = { ...listener, from: Math.min(listener.from + 25, call.caller.frames.length) };
    hasNotHeard(late, 'callee');
  }),
  check('R-12 R-05', 'the old owner cannot come back: 409 TAKEN_OVER', async (bench) => {
    const call = await owned(bench);
    const next = await heir(bench);
    await goes(call);
    const { media } = await bench.take(await next.message('offer'));
    same(await bench.mediaAnswer(call.attached.resumeToken), 'HTTP 409 TAKEN_OVER', 'answer');
    await media.pong();
  }),
  check('R-12 R-13 K-20', 'the context stays with the call, and each owner may replace it', async (bench) => {
    const call = await owned(bench);
    const [second, third] = [await heir(bench), await bench.control({ acceptsTakeover: true })];
    await goes(call);
    const { media } = await bench.take(await second.message('offer'));
    await succeeds(media, media.command('context', { context: { step: 2 } }));
    third.send({ type: 'ready', ready: true });
    await third.pong();
    await succeeds(media, media.command('close', { handOver: true }));
    const offer = await third.message('offer');
    same(offer.takeover?.context, { step: 2 }, 'context');
  }),
  check(
    'R-13 K-19',
    '`close` with `handOver` in ANSWERED: `left`, and the call is offered to who takes over',
    async (bench) => {
      const call = await owned(bench);
      const next = await heir(bench);
      await isRefused(call.media, call.media.command('close', { handOver: 1 }), 'BAD_ARGUMENT');
      await succeeds(call.media, call.media.command('close', { handOver: true }));
      const { event } = await call.media.message('event', (message) => message.event.type === 'call.terminated');
      same(event.type === 'call.terminated' && [event.reason, event.by], ['left', 'agent'], 'reason and by');
      await call.media.closes('NORMAL');
      same((await next.message('offer')).takeover?.state, 'ANSWERED', 'state');
      must(call.caller.find('ended') === undefined, 'the caller on the line', call.caller.describe());
    },
  ),
  check('R-13', '`close` without `handOver` in ANSWERED ends the call: nobody is asked', async (bench) => {
    const call = await owned(bench);
    const next = await heir(bench);
    await succeeds(call.media, call.media.command('close'));
    await call.caller.message('ended');
    await next.pong();
    same(next.all('offer').length, 0, 'offers');
  }),
];
