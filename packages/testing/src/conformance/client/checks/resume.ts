import { type CloseCodeName, limits } from '@agentao/protocol';
import { NonConformance } from '../../check.ts';
import { type ClientCheck, clientCheck, type ClientCheckOptions } from '../client-bench.ts';
import { clock, lateMs, slackMs, wait } from '../clock.ts';
import type { ScriptedCall } from '../scripted-call.ts';

const leastWaitMs = 50;
const firstBoundMs = 100;
const lastBoundMs = 1_000;

type Run = ClientCheck['run'];

function resuming(name: string, clauses: string, options: ClientCheckOptions & { readonly run: Run }): ClientCheck {
  return clientCheck(name, clauses, { ...options, needs: ['resume', ...(options.needs ?? [])] });
}

/** Section 4.3 and 4.4: what becomes of a call whose media connection is lost. */
export const resumeChecks: readonly ClientCheck[] = [
  clientCheck('treats a call that it cannot get back as ended, and takes the next one', 'M-11 R-05', {
    run: async (bench) => {
      const call = await bench.call('idle', { resumeWithinMs: 400 });
      await call.lose();
      await call.resumeArrival({ withinMs: leastWaitMs + firstBoundMs + lateMs }).then(
        (arrival) => arrival.refuse('TAKEN_OVER'),
        () => undefined,
      );
      await call.noReturn(2 * slackMs, 'no resume after it was refused with TAKEN_OVER');
      await bench.stillServes();
    },
  }),
  resuming(
    'comes back with the newest token, `resume` first, and says nothing else before `resumed`',
    'R-01 R-02 M-01',
    {
      run: async (bench) => {
        const call = await bench.call('talk', { windowSamples: 4_800 });
        await call.hears(4_800);
        await call.command('answer');
        for (let losses = 0; losses < 2; losses++) {
          await call.lose();
          await call.resume({ before: () => wait(300), upTo: 9_600 });
          await call.peer.roundTrip();
        }
        // What the client has not got it does not know: it comes with the token that it has.
        await call.lose();
        await call.resume({
          before: async (peer) => {
            peer.wire.cut();
            return false;
          },
        });
        await call.resume();
        await call.peer.roundTrip();
      },
    },
  ),
  resuming('tries again and again, after waits of 50 ms and a random time within a bound that doubles', 'R-01', {
    run: async (bench) => {
      const call = await bench.call('idle', { resumeWithinMs: 10_000 });
      await call.lose();
      let lostMs = clock.now();
      let boundMs = firstBoundMs;
      for (const code of ['INTERNAL', 'SHUTTING_DOWN', undefined, 'RATE_LIMITED'] as const) {
        const arrival = await call.resumeArrival({ withinMs: leastWaitMs + boundMs + lateMs });
        const waitMs = arrival.request.atMs - lostMs;
        if (waitMs < leastWaitMs - 5)
          throw new NonConformance(`a wait of at least ${leastWaitMs} ms`, `${Math.round(waitMs)} ms`);
        if (code === undefined) arrival.request.wire.cut();
        else arrival.refuse(code);
        lostMs = clock.now();
        boundMs = Math.min(2 * boundMs, lastBoundMs);
      }
      await call.resume();
      await call.peer.roundTrip();
    },
  }),
  resuming('gives up when its time is over, and takes the next call', 'R-01 M-11', {
    run: async (bench) => {
      const resumeWithinMs = 1_000;
      const call = await bench.call('idle', { resumeWithinMs });
      await call.lose();
      const endMs = clock.now() + resumeWithinMs + slackMs / 2;
      while (clock.now() < endMs) {
        const arrival = await call.resumeArrival({ withinMs: endMs - clock.now() }).catch(() => undefined);
        arrival?.refuse('INTERNAL');
      }
      await call.noReturn(lastBoundMs + slackMs, `no attempt after ${resumeWithinMs} ms`);
      await bench.stillServes();
    },
  }),
  resuming('repeats what has no response with the same ids, in order, before any audio', 'R-03 K-02 M-06', {
    needs: ['dtmf', 'talk'],
    run: async (bench) => {
      const call = await bench.call('dtmf');
      await call.answered();
      const sent = [await call.command('dtmf'), await call.command('dtmf')];
      await call.lose();
      await call.resume();
      const again = [await call.command('dtmf'), await call.command('dtmf')];
      const ids = (commands: typeof sent): string => commands.map(({ id }) => id).join();
      if (ids(again) !== ids(sent)) throw new NonConformance(`ids ${ids(sent)}`, ids(again));
      for (const command of again) call.ok(command);
      const { digits } = await call.command('dtmf');
      if (digits !== '12') throw new NonConformance('two successes', digits);

      const talking = await bench.call('talk', { windowSamples: 4_800 });
      await talking.hears(4_800);
      const answer = await talking.command('answer');
      await talking.lose();
      await talking.resume({ received: 2_400, upTo: 9_600 });
      const first = await talking.peer.heard.next(() => true, { expected: `\`answer\` with id ${answer.id} again` });
      if (first.kind !== 'text' || first.message.id !== answer.id)
        throw new NonConformance('`answer` before any audio', 'audio');
      await talking.hears(9_600);
    },
  }),
  resuming('goes on with its audio at `received`, sent before or not', 'R-06 A-07 A-08', {
    needs: ['talk'],
    run: async (bench) => {
      const call = await bench.call('talk', { windowSamples: 4_800 });
      await call.answered();
      await call.hears(4_800);
      let upTo = 4_800;
      for (const lacking of [4_800, 2_001, 0]) {
        await call.lose();
        const received = upTo - lacking;
        upTo += 4_800;
        await call.resume({ received, upTo });
        await call.hears(upTo, { expected: `audio from ${received} to ${upTo}` });
        await call.silence(100, 'no audio beyond the credit of `resumed`');
      }
      call.credit(3 * call.rateHz);
      await call.hears(3 * call.rateHz);
    },
  }),
  resuming('clears again what may not have arrived, and begins where its generation begins', 'R-06 R-03 A-18', {
    needs: ['clear'],
    run: async (bench) => {
      // The clears have not arrived, then they have.
      for (const arrived of [false, true]) {
        const call = await bench.call('clear', { windowSamples: 4_800 });
        await call.answered();
        await call.hears(4_800);
        await call.command('clear');
        await wait(200);
        await call.lose();
        await call.resume(arrived ? {} : { generation: 0, received: 4_800, upTo: 9_600 });
        await bothClears(call);
      }
    },
  }),
  resuming('makes up for what it has cleared while it was away', 'R-06', {
    needs: ['clear'],
    run: async (bench) => {
      const call = await bench.call('clear', { windowSamples: 4_800 });
      await call.answered();
      await call.hears(4_800);
      await call.lose();
      const untilMs = clock.now() + 1_300;
      while (clock.now() < untilMs) (await call.resumeArrival({ withinMs: lastBoundMs + lateMs })).refuse('INTERNAL');
      await call.resume({ upTo: 9_600 });
      await bothClears(call);
    },
  }),
  resuming('tells how much it has, and takes what it missed once', 'R-03 R-04 M-09', {
    needs: ['echo'],
    run: async (bench) => {
      const call = await bench.call('echo', { counting: false });
      await call.answered();
      call.say(960, 480);
      call.say(4_800, 480, { flags: 2 });
      call.event('call.eclipse');
      await call.hears(960);
      await call.lose();
      const resume = await call.resume({ before: missed, replayFrom: { mix: 5_280 } });
      expectWhereabouts(resume, { received: { mix: 5_280 }, lastEventSeq: 2, generation: 0 });
      call.press('8');
      call.event('call.resumed', { outageMs: 200, replayedSamples: 960 });
      call.say(5_280, 480, { flags: 1 });
      call.say(5_760, 480, { flags: 1 });
      call.say(6_240, 480);
      const { digits } = await call.command('dtmf');
      if (digits !== '8') throw new NonConformance('the key that was pressed meanwhile', digits);
      await call.hears(960 + 3 * 480, { expected: 'an echo of all that was replayed and live' });
      await call.silence(150, 'nothing twice');
    },
  }),
  resuming('comes back after a close that is worth a retry', 'R-01 M-11 G-09', {
    run: async (bench) => {
      const call = await bench.call('idle');
      const codes: readonly (CloseCodeName | undefined)[] = [
        'GOING_AWAY',
        'INTERNAL',
        'SLOW_READER',
        'RATE_LIMITED',
        undefined,
      ];
      for (const code of codes) {
        await call.lose(code);
        await call.resume();
      }
      call.peer.closeWith(4_999);
      await call.resume();
      await call.peer.roundTrip();
    },
  }),
  resuming('does not come back after a close or a refusal that says no', 'R-01 R-02 R-05 R-07 M-11', {
    run: async (bench) => {
      for (const code of ['DISPLACED', 'TAKEN_OVER', 'NORMAL', 'BAD_AUDIO'] as const) {
        const call = await bench.call('idle');
        await call.lose(code);
        await call.noReturn(leastWaitMs + firstBoundMs + slackMs, `no resume after a close with ${code}`);
      }
      for (const refuse of [refused, takenOver]) {
        const call = await bench.call('idle');
        await call.lose();
        await refuse(call);
        await call.noReturn(leastWaitMs + 2 * firstBoundMs + slackMs, 'no attempt after a no');
      }
      await bench.stillServes();
    },
  }),
  resuming('learns from a resume that the call has ended', 'R-08 M-03', {
    run: async (bench) => {
      const call = await bench.call('idle');
      await call.lose();
      await call.resume({ state: 'DISCONNECTED' });
      call.event('call.terminated', { reason: 'hangup', by: 'caller' });
      call.state = 'DISCONNECTED';
      call.peer.close('NORMAL');
      await call.peer.end({ expected: 'the end of the connection' });
      await call.noReturn(slackMs, 'no resume of a call that has ended');
      await bench.stillServes();
    },
  }),
  resuming('takes `played` of `resumed` as a `playout`, and marks again what it waits for', 'R-07', {
    needs: ['heard'],
    run: async (bench) => {
      for (const played of ['all', 'half'] as const) {
        const call = await bench.call('heard');
        await call.answered();
        const end = call.rateHz / 2;
        await call.hears(end);
        await wait(100);
        const marks = marksOf(call);
        await call.lose();
        await call.resume({ played: played === 'all' ? end : end / 2 });
        if (played === 'half') {
          if (marks > 0) await call.peer.message('mark', { expected: 'the mark that was not reached, again' });
          call.playout(end);
        }
        await call.command('dtmf');
      }
    },
  }),
  resuming('clears anew for a generation whose command it waits for no longer', 'R-06 M-08', {
    needs: ['clear'],
    timeoutMs: 60_000,
    run: async (bench) => {
      const call = await bench.call('clear', { windowSamples: 4_800 });
      await call.answered();
      await call.hears(4_800);
      await call.command('clear');
      // The wait for the answer is longer than an outage may be: it passes on a connection that is there.
      await wait(limits.commandTimeoutMs + lateMs);
      await call.lose();
      await call.resume({ generation: 0, received: 4_800, upTo: 9_600 });
      await bothClears(call);
    },
  }),
];

/** Answers clears until the second generation has begun, and hears what is said in it. */
async function bothClears(call: ScriptedCall): Promise<void> {
  const end = 3 * call.rateHz + call.rateHz / 2;
  for (;;) {
    const clear = await call.command('clear', { expected: 'a `clear` for each generation' });
    call.ok(clear, { position: 4_800, clearedSamples: clear.position - 4_800 });
    if (clear.generation === 2) break;
  }
  if (call.audio.generation !== 2) throw new NonConformance('generation 2', String(call.audio.generation));
  call.credit(end + call.rateHz / 2);
  await call.hears(end + call.rateHz / 2);
}

async function missed(): Promise<void> {
  await wait(100);
}

function expectWhereabouts(
  resume: object,
  wanted: { readonly received: object; readonly lastEventSeq: number; readonly generation: number },
): void {
  const { received, lastEventSeq, generation } = resume as typeof wanted;
  const seen = JSON.stringify({ received, lastEventSeq, generation });
  const expected = JSON.stringify(wanted);
  if (seen !== expected) throw new NonConformance(`\`resume\` with ${expected}`, seen);
}

function marksOf({ peer }: ScriptedCall): number {
  return peer.heard.items.filter((item) => item.kind === 'text' && item.message.type === 'mark').length;
}

async function refused(call: ScriptedCall): Promise<void> {
  (await call.resumeArrival()).refuse('INVALID_TOKEN');
}

async function takenOver(call: ScriptedCall): Promise<void> {
  await call.resume({
    before: async (peer) => {
      peer.close('TAKEN_OVER');
      return false;
    },
  });
}
