import { limits } from '@agentao/protocol';
import type { SwitchBench } from '../bench.ts';
import { check, must, same, type SwitchCheck } from '../make-check.ts';
import type { Peer } from '../peer.ts';
import { opcodes, type RawPeer } from '../raw-peer.ts';

/** How much later than promised the kit accepts a close or a ping, on a machine that has other things to do. */
const slackMs = 3_000;

/** The peer says nothing more, and is closed no sooner than `afterMs` and not much later. */
async function diesOfSilence(bench: SwitchBench, peer: Peer, afterMs: number): Promise<void> {
  const { clock } = bench.site;
  peer.answersPings = false;
  const silentMs = clock.now();
  await peer.closes('LIVENESS_LOST', afterMs + slackMs);
  const livedMs = clock.now() - silentMs;
  must(livedMs > afterMs - 250, `a close after ${afterMs} ms`, `one after ${Math.round(livedMs)} ms`);
}

/** A silent peer is pinged at least so often. */
async function isPinged(peer: Peer, withinMs: number): Promise<void> {
  const from = peer.all('ping').length;
  const pings = (): true | undefined => (peer.all('ping').length > from ? true : undefined);
  await peer.until(`\`ping\` within ${withinMs} ms`, pings, withinMs + slackMs);
}

/** Something that is no `pong`, sent often enough, keeps the connection for longer than silence would. */
function keepsAlive(what: string, say: (raw: RawPeer) => void): SwitchCheck {
  return check('G-13', `${what} proves that the peer lives`, async (bench) => {
    const { offer } = await bench.offered();
    const raw = await bench.raw('media', offer.mediaToken);
    raw.write(opcodes.text, '{"type":"attach","sampleRateHz":8000}');
    for (let sentMs = 0; sentMs < limits.mediaDeadMs + 1_000; sentMs += 400) {
      say(raw);
      await bench.sleep(400);
      must(!raw.closed, 'an open connection', 'a close');
    }
    raw.write(opcodes.text, '{"type":"ping","id":77}');
    for (let waitedMs = 0; waitedMs < 2_000; waitedMs += 20) {
      if (raw.texts.some((text) => text.includes('"pong"'))) return;
      await bench.sleep(20);
    }
    same(raw.texts.at(-1), 'pong', 'answer');
  });
}

/** Audio without samples at position 0: track, generation, flags, position. */
const emptyAudio = Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0);

/** Who lives, who is gone, and who has not said the first word. */
export const livenessChecks: readonly SwitchCheck[] = [
  check('G-12', 'a `ping` is answered on every socket', async (bench) => {
    const peers: Peer[] = [await bench.control()];
    if (bench.site.whyNoOperators === undefined) {
      peers.push(await bench.phone(bench.site.nextCaller()), await bench.monitor());
    }
    if (bench.site.whyNoCalls === undefined) peers.push((await bench.call()).media);
    for (const peer of peers) await peer.pong();
  }),
  check('G-14', 'a silent client on control is pinged every `heartbeatMs`, and gone after two', async (bench) => {
    const control = await bench.control();
    const { heartbeatMs } = await control.message('welcome');
    const dying = diesOfSilence(bench, control, 2 * heartbeatMs);
    await Promise.all([dying, isPinged(control, heartbeatMs)]);
  }),
  check('G-14', 'a monitor that answers pings stays, one that is silent is gone after two intervals', async (bench) => {
    const [talking, silent] = [await bench.monitor(), await bench.monitor()];
    await diesOfSilence(bench, silent, 2 * limits.heartbeatMs);
    must(talking.close === undefined, 'the other one open', talking.describe());
  }),
  check('G-15', 'a silent client on media is pinged within 500 ms', async (bench) => {
    const { media } = await bench.call();
    media.answersPings = false;
    await isPinged(media, limits.mediaPingMs);
  }),
  check('G-15 G-16', 'a client on media that is silent for 2 s is gone: closes LIVENESS_LOST', async (bench) => {
    const { media } = await bench.answered();
    await diesOfSilence(bench, media, limits.mediaDeadMs);
  }),
  check('G-15 P-01', 'a phone that is silent for 2 s is gone', async (bench) => {
    await diesOfSilence(bench, await bench.phone(bench.site.nextCaller()), limits.mediaDeadMs);
  }),
  check('G-15', 'a client on media that does nothing but answer pings stays', async (bench) => {
    const { media } = await bench.answered();
    await bench.sleep(limits.mediaDeadMs + 1_000);
    must(media.close === undefined, 'an open connection', media.describe());
  }),
  keepsAlive("a WebSocket's own ping", (raw) => raw.write(opcodes.ping, '')),
  keepsAlive("a WebSocket's own pong", (raw) => raw.write(opcodes.pong, '')),
  keepsAlive('an unknown message', (raw) => raw.write(opcodes.text, '{"type":"later"}')),
  keepsAlive('a binary message', (raw) => raw.write(opcodes.binary, emptyAudio)),

  check(
    'H-08 C-01',
    'no `hello`, though pings and unknown messages: closes HANDSHAKE_TIMEOUT after 5 s',
    async (bench) => {
      const control = await bench.open('control', bench.site.apiKey);
      await saysNothingFirst(bench, control, limits.helloTimeoutMs);
    },
  ),
  check('H-08', 'no `register`: closes HANDSHAKE_TIMEOUT after 5 s', async (bench) => {
    await saysNothingFirst(bench, await bench.open('phone', bench.operatorToken), limits.helloTimeoutMs);
  }),
  check('H-08', 'a monitor has no first message, and stays', async (bench) => {
    const monitor = await bench.monitor();
    await bench.sleep(limits.helloTimeoutMs + 500);
    must(monitor.close === undefined, 'an open connection', monitor.describe());
  }),
  check(
    'H-08 M-01 C-06',
    'no `attach`, though pings: closes HANDSHAKE_TIMEOUT when the offer expires',
    async (bench) => {
      const { offer } = await bench.offered();
      const media = await bench.openMedia(offer.mediaToken);
      await saysNothingFirst(bench, media, offer.acceptWithinMs);
      const desk = await bench.site.desk.open();
      const cancelled = await desk.message('offer.cancelled', ({ offerId }) => offerId === offer.offerId);
      same(cancelled.reason, 'expired', 'reason');
    },
  ),
  check('H-10', 'fewer messages than the limits allow close nothing', async (bench) => {
    const control = await bench.control();
    const { media } = await bench.call();
    for (let burst = 0; burst < 3; burst++) {
      for (let index = 0; index < 40; index++) control.send({ type: 'later' });
      for (let index = 0; index < 400; index++) media.send({ type: 'later' });
      await bench.sleep(1_000);
    }
    await Promise.all([control.pong(), media.pong()]);
  }),
  check('H-10', 'many more close with RATE_LIMITED, or nothing', async (bench) => {
    const control = await bench.control();
    for (let index = 0; index < 1_000; index++) control.send({ type: 'later' });
    control.send({ type: 'ping', id: 1 });
    const isThere = (): true | undefined => control.find('pong', ({ id }) => id === 1) && true;
    await control.until('`pong`, or a close', () => (control.close === undefined ? isThere() : true));
    if (control.close !== undefined) await control.closes('RATE_LIMITED');
  }),
];

async function saysNothingFirst(bench: SwitchBench, peer: Peer, timeoutMs: number): Promise<void> {
  const { clock } = bench.site;
  const openMs = clock.now();
  while (peer.close === undefined && clock.now() - openMs < timeoutMs + slackMs) {
    peer.send({ type: 'ping', id: 1 });
    peer.send({ type: 'later' });
    await bench.sleep(300);
  }
  await peer.closes('HANDSHAKE_TIMEOUT', 100);
  const livedMs = clock.now() - openMs;
  // An offer has been under way for a while; so has a connection on a machine that is busy.
  must(livedMs > timeoutMs / 2, `a close after ${timeoutMs} ms`, `one after ${Math.round(livedMs)} ms`);
}
