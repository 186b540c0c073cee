import { NonConformance } from '../../check.ts';
import { check, must, same, type SwitchCheck } from '../make-check.ts';
import { succeeds } from '../bench.ts';

const invalidToken = 'HTTP 401 INVALID_TOKEN';

/** The control connection, as far as the offers of a run may go on meanwhile. */
export const controlChecks: readonly SwitchCheck[] = [
  check('C-02', '`hello` is answered by `welcome` with session, connector and heartbeat', async (bench) => {
    const [first, second] = [await bench.control(), await bench.control()];
    const welcomes = [await first.message('welcome'), await second.message('welcome')] as const;
    const { connectorUuid } = bench.site;
    if (connectorUuid !== undefined) same(welcomes[0].connectorUuid, connectorUuid, 'connectorUuid');
    must(welcomes[0].sessionId !== welcomes[1].sessionId, 'a `sessionId` for each connection', welcomes);
    same(first.messages[0]?.type, 'welcome', 'first message');
  }),
  check('C-02', 'a connector that the key does not serve: `error` FORBIDDEN, closes FORBIDDEN', async (bench) => {
    const control = await bench.open('control', bench.site.apiKey);
    control.send({ type: 'hello', client: 'agentao-conformance', connectorUuid: 'nobody-has-this-one' });
    const { code } = await control.message('error');
    same(code, 'FORBIDDEN', 'code');
    await control.closes('FORBIDDEN');
    must(control.find('welcome') === undefined, 'no `welcome`', '`welcome`');
  }),
  check('C-05', 'an offer tells everything about its call', async (bench) => {
    const { caller, offer } = await bench.offered();
    const { callId } = await caller.message('dialing');
    same(offer.callId, callId, 'callId');
    same(offer.calleeNumber, await bench.number(), 'calleeNumber');
    same(offer.direction, 'MT', 'direction');
    must(offer.acceptWithinMs <= 2_000, 'at most 2,000 ms to accept', offer.acceptWithinMs);
    must(offer.takeover === undefined, 'no `takeover` of a new call', offer.takeover);
  }),
  check(
    'C-05 M-02',
    'the media connection with the token and `attach` accepts; control says no more about it',
    async (bench) => {
      const { media, offer, attached } = await bench.call();
      same([attached.state, attached.mode, attached.generation], ['PENDING', null, 0], 'state, mode, generation');
      await bench.sleep(offer.acceptWithinMs + 300);
      const desk = await bench.site.desk.open();
      const cancelled = desk.find('offer.cancelled', ({ offerId }) => offerId === offer.offerId);
      must(cancelled === undefined, 'no `offer.cancelled`', cancelled);
      must(media.close === undefined, 'the call', media.describe());
    },
  ),
  check('C-06', 'a media token opens one connection', async (bench) => {
    const { offer } = await bench.call();
    same(await bench.mediaAnswer(offer.mediaToken), invalidToken, 'answer');
  }),
  check(
    'C-06',
    'a media connection that closes before `attach` has used the token up; the offer stands until it expires',
    async (bench) => {
      const { offer } = await bench.offered();
      const media = await bench.openMedia(offer.mediaToken);
      media.socket.close(1000);
      await media.until('the end', () => media.close);
      same(await bench.mediaAnswer(offer.mediaToken), invalidToken, 'answer');
      const desk = await bench.site.desk.open();
      const { reason } = await desk.message('offer.cancelled', ({ offerId }) => offerId === offer.offerId);
      same(reason, 'expired', 'reason');
    },
  ),
  check(
    'C-06',
    'an offer that is not accepted in time is cancelled as `expired`, and its token opens nothing',
    async (bench) => {
      const { offer } = await bench.offered();
      const fromMs = bench.site.clock.now();
      const desk = await bench.site.desk.open();
      const { reason } = await desk.message('offer.cancelled', ({ offerId }) => offerId === offer.offerId);
      same(reason, 'expired', 'reason');
      const afterMs = bench.site.clock.now() - fromMs;
      must(afterMs > offer.acceptWithinMs - 500, `no end before ${offer.acceptWithinMs} ms`, `one after ${afterMs} ms`);
      same(await bench.mediaAnswer(offer.mediaToken), invalidToken, 'answer');
    },
  ),
  check('C-06', 'an offer that is declined is cancelled as `declined`, and its token opens nothing', async (bench) => {
    const { offer } = await bench.offered();
    const desk = await bench.site.desk.open();
    const media = await bench.openMedia(offer.mediaToken);
    desk.send({ type: 'decline', offerId: offer.offerId });
    const { reason } = await desk.message('offer.cancelled', ({ offerId }) => offerId === offer.offerId);
    same(reason, 'declined', 'reason');
    await media.closes('NORMAL');
    same(await bench.mediaAnswer(offer.mediaToken), invalidToken, 'answer');
  }),
  check(
    'C-06',
    'an offer whose caller hangs up is cancelled as `caller_gone`, and its token opens nothing',
    async (bench) => {
      const { caller, offer } = await bench.offered();
      const desk = await bench.site.desk.open();
      caller.send({ type: 'hangup' });
      const { reason } = await desk.message('offer.cancelled', ({ offerId }) => offerId === offer.offerId);
      same(reason, 'caller_gone', 'reason');
      same(await bench.mediaAnswer(offer.mediaToken), invalidToken, 'answer');
    },
  ),
  check('C-06', '`decline` of an offer that has ended, or never was, is ignored', async (bench) => {
    const { media, offer } = await bench.call();
    const desk = await bench.site.desk.open();
    desk.send({ type: 'decline', offerId: offer.offerId });
    desk.send({ type: 'decline', offerId: 'nobody-has-this-one' });
    await desk.pong();
    await media.pong();
  }),
  check('C-07', '`mediaUrl` is a WebSocket URL, or a path behind that of control', async (bench) => {
    const { offer } = await bench.offered();
    const resolved = URL.parse(offer.mediaUrl, bench.site.url.href);
    must(resolved !== null && /^wss?:$/.test(resolved.protocol), 'a URL of `ws:` or `wss:`', offer.mediaUrl);
    if (!URL.canParse(offer.mediaUrl)) must(offer.mediaUrl.startsWith('/'), 'a path', offer.mediaUrl);
  }),
  check('M-02', '`attached` tells a window, credit up to it, and a token to resume with', async (bench) => {
    for (const sampleRateHz of [8_000, 16_000, 24_000] as const) {
      const { media, attached } = await bench.call({ sampleRateHz });
      const { upTo, windowSamples, resumeToken, resumeWithinMs } = attached;
      same(upTo, windowSamples, 'upTo');
      const [least, most] = [sampleRateHz / 5, sampleRateHz];
      must(windowSamples >= least && windowSamples <= most, `a window of ${least} to ${most} samples`, windowSamples);
      must(resumeToken.length > 0 && resumeWithinMs > 0, 'a way to resume', attached);
      await succeeds(media, media.command('disconnect'));
      await media.closes('NORMAL');
    }
  }),
  check('M-02', 'commands need not wait for `attached`', async (bench) => {
    const { offer } = await bench.offered();
    const media = await bench.openMedia(offer.mediaToken);
    media.send({ type: 'attach', sampleRateHz: 8_000 });
    const id = media.command('answer');
    await succeeds(media, id);
    const [first] = media.messages;
    if (first?.type !== 'attached') throw new NonConformance('`attached` first', media.describe());
  }),
];
