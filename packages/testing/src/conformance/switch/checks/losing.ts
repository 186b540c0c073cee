import { limits } from '@agentao/protocol';
import { Untried } from '../../check.ts';
import { isRefused, type SwitchBench, succeeds } from '../bench.ts';
import { check, must, same, type SwitchCheck } from '../make-check.ts';
import type { Peer } from '../peer.ts';
import { talkTogether } from './commands.ts';

/** A close code that makes the agent gone for good at once: its *retry* is no. */
const forGood = 1000;

/** A call that its caller has left, and whose agent may annotate. */
async function overFor(bench: SwitchBench): Promise<{ readonly media: Peer; readonly endedMs: number }> {
  const { media, caller } = await bench.answered({ annotateAfterEnd: true });
  caller.send({ type: 'hangup' });
  await media.message('event', (message) => message.event.type === 'call.terminated');
  const endedMs = bench.site.clock.now();
  await bench.sleep(300);
  if (media.close !== undefined) throw new Untried('this switch knows nothing of `annotateAfterEnd`');
  return { media, endedMs };
}

/** What becomes of a call whose media connection is lost (4.3). */
export const losingChecks: readonly SwitchCheck[] = [
  check('M-04', 'the agent gone for good in PENDING, nobody else to ask: the callee is rung', async (bench) => {
    const callee = await bench.phone(await bench.number());
    const { media, caller } = await bench.call();
    media.socket.close(forGood);
    await talkTogether(bench, caller, callee);
  }),
  check(
    'M-04',
    'the agent gone for good while the callee rings: it goes on ringing; picked up, the two talk',
    async (bench) => {
      const { media, caller, callee } = await bench.ringing('ANSWERED');
      media.socket.close(forGood);
      await bench.sleep(300);
      must(callee.find('ended') === undefined, 'the callee ringing', callee.describe());
      await talkTogether(bench, caller, callee);
    },
  ),
  check('M-04', 'the agent gone for good in CONNECTED: caller and callee talk on', async (bench) => {
    const { media, caller, callee } = await bench.connected();
    media.socket.close(forGood);
    await bench.sleep(500);
    for (const phone of [caller, callee]) must(phone.find('ended') === undefined, 'the two talking', phone.describe());
  }),
  check('M-04 G-07', 'a connection that the switch closes for a fault is gone for good too', async (bench) => {
    const callee = await bench.phone(await bench.number());
    const { media, caller } = await bench.call();
    media.send({ type: 'attach', sampleRateHz: 8_000 });
    await media.closes('OUT_OF_ORDER');
    await talkTogether(bench, caller, callee);
  }),
  check('M-04 R-05', 'an agent that is merely away keeps its call: nobody is rung, nothing ends', async (bench) => {
    const callee = await bench.phone(await bench.number());
    const { media, caller } = await bench.answered();
    // It has said something, so the switch knows that it knows of its call.
    media.socket.terminate();
    await bench.sleep(3_000);
    must(caller.find('ended') === undefined && callee.find('incoming') === undefined, 'the call as it was', [
      caller.describe(),
      callee.describe(),
    ]);
  }),
  check('M-04', 'an agent that stays away for longer than `resumeWithinMs` is gone for good', async (bench) => {
    const { media, caller, callee, attached } = await bench.connected();
    media.socket.terminate();
    await bench.sleep(attached.resumeWithinMs + 700);
    const answer = await bench.mediaAnswer(attached.resumeToken);
    same(answer, 'HTTP 409 TAKEN_OVER', 'answer to its resume token');
    for (const phone of [caller, callee]) must(phone.find('ended') === undefined, 'the two talking', phone.describe());
  }),
  check('M-04 G-16', 'an agent found gone by its silence is gone for good 5 s later', async (bench) => {
    const callee = await bench.phone(await bench.number());
    const { media, caller } = await bench.call();
    // Shows that it knows of its call, so that it is waited for.
    await succeeds(media, media.command('clear', { generation: 1, position: 0 }));
    media.answersPings = false;
    await media.closes('LIVENESS_LOST');
    const lostMs = bench.site.clock.now();
    await callee.message('incoming', () => true, 8_000);
    const waitedMs = bench.site.clock.now() - lostMs;
    must(waitedMs > 4_000, 'about 5,000 ms of waiting', `${Math.round(waitedMs)} ms`);
    must(caller.find('ended') === undefined, 'the caller waiting', caller.describe());
  }),
  check(
    'M-04 R-10',
    'an agent gone for good in ANSWERED, and nobody who takes over: 10 s later the callee is rung',
    async (bench) => {
      const callee = await bench.phone(await bench.number());
      const { media, caller } = await bench.answered();
      media.socket.close(forGood);
      const lostMs = bench.site.clock.now();
      await callee.message('incoming', () => true, limits.takeoverWindowMs + 3_000);
      const waitedMs = bench.site.clock.now() - lostMs;
      must(
        waitedMs > limits.takeoverWindowMs - 1_000,
        'about 10,000 ms of looking for one',
        `${Math.round(waitedMs)} ms`,
      );
      callee.send({ type: 'answer' });
      await callee.message('answered');
      must(caller.find('ended') === undefined, 'the two talking', caller.describe());
    },
  ),
  check('M-04', 'an agent lost before it has said anything behind `attach` is waited for 1 s only', async (bench) => {
    const callee = await bench.phone(await bench.number());
    const { media } = await bench.call();
    media.socket.terminate();
    const lostMs = bench.site.clock.now();
    await callee.message('incoming', () => true, 4_000);
    const waitedMs = bench.site.clock.now() - lostMs;
    must(waitedMs > 500 && waitedMs < 3_000, 'about 1,000 ms of waiting', `${Math.round(waitedMs)} ms`);
  }),
  check(
    'M-03 K-18',
    'a call that its caller has left closes with NORMAL, whatever the agent does then',
    async (bench) => {
      const { media, caller } = await bench.answered();
      caller.send({ type: 'hangup' });
      const { event } = await media.message('event', (message) => message.event.type === 'call.terminated');
      same(event.type === 'call.terminated' && [event.reason, event.by], ['hangup', 'caller'], 'reason and by');
      await media.closes('NORMAL');
      same((await caller.message('ended')).by, 'caller', 'by');
    },
  ),
  check(
    'M-13 K-02 K-20',
    'an agent that asked for it annotates after the end; other commands get CALL_ENDED, audio and marks nothing',
    async (bench) => {
      const { media } = await overFor(bench);
      media.sendAudio({ samples: 160 });
      media.send({ type: 'mark', position: 160 });
      await isRefused(media, media.command('dtmf', { digits: '1' }), 'CALL_ENDED');
      const id = media.command('annotate', { kind: 'summary', data: { late: true } });
      await succeeds(media, id);
      media.send({ type: 'annotate', id, kind: 'summary', data: 'again' });
      await media.pong();
      same(media.all('response').filter((response) => response.id === id && response.ok).length, 2, 'its responses');
      same(media.all('playout').length, 0, 'number of `playout`');
    },
  ),
  check('M-13 M-03', 'an agent that asked for it is closed with NORMAL when that time is over', async (bench) => {
    const { media, endedMs } = await overFor(bench);
    await media.closes('NORMAL', limits.lateAnnotateMs + 2_000);
    const waitedMs = bench.site.clock.now() - endedMs;
    must(waitedMs > limits.lateAnnotateMs - 1_000, 'about 5,000 ms of time', `${Math.round(waitedMs)} ms`);
  }),
  check('M-05', 'a refusal closes nothing, and the next command works', async (bench) => {
    const { media } = await bench.call();
    await isRefused(media, media.command('dtmf', { digits: '1' }), 'INVALID_STATE');
    await succeeds(media, media.command('answer'));
  }),
];
