import { limits } from '@agentao/protocol';
import { NonConformance } from '../../check.ts';
import { type ClientBench, type ClientCheck, clientCheck } from '../client-bench.ts';
import { patienceMs, slackMs, wait } from '../clock.ts';
import type { ScriptedCall } from '../scripted-call.ts';
import { openTrap } from '../trap.ts';

/** Offers of section 3: how a call is accepted, declined and let go. */
export const offerChecks: readonly ClientCheck[] = [
  clientCheck('accepts an offer by attaching with its token in time', 'C-05 M-01 H-01', {
    run: async (bench) => {
      const call = await bench.call('idle');
      await call.peer.roundTrip();
      oneUse(bench, call);
    },
  }),
  clientCheck('takes calls side by side', 'C-04 C-05', {
    run: async (bench) => {
      const calls = [await bench.offer('answer'), await bench.offer('answer'), await bench.offer('answer')];
      for (const call of calls.toReversed()) await call.attach();
      for (const call of calls) await call.answered();
    },
  }),
  clientCheck('resolves a media URL against that of its control connection', 'C-07', {
    run: async (bench) => {
      const { url } = bench.station.line;
      const places: readonly (readonly [mediaUrl: string, path: string])[] = [
        ['/media', '/media'],
        ['media', '/media'],
        ['/some/other/./place', '/some/other/place'],
        [url.replace('ws:', ''), '/'],
        [`${url}/media`, '/media'],
        ['/media?call=7', '/media'],
      ];
      for (const [mediaUrl, path] of places) {
        const call = await bench.offer('idle', { mediaUrl });
        const arrival = await call.arrival({ expected: `a media connection for \`mediaUrl\` ${mediaUrl}` });
        if (arrival.path !== path)
          throw new NonConformance(`the path ${path} for \`mediaUrl\` ${mediaUrl}`, arrival.path);
        await call.attach({}, arrival);
        await call.hangUp();
      }
    },
  }),
  clientCheck('sends the token of an offer to no other origin', 'C-07', {
    run: async (bench) => {
      await using trap = await openTrap();
      const { port } = new URL(bench.station.line.url);
      const control = await bench.ready();
      for (const mediaUrl of [`${trap.url}/media`, trap.url.replace('ws:', ''), `ws://localhost:${port}/media`]) {
        const call = bench.offerOn(control, 'idle', { mediaUrl });
        await Promise.race([
          control
            .message('decline', { fits: ({ offerId }) => offerId === call.offerId, withinMs: patienceMs })
            .catch(() => undefined),
          wait(700),
        ]);
        await wait(100);
        trap.assertUntouched(`no request at ${mediaUrl}`);
        const used = bench.station.uses.get(call.mediaToken) ?? 0;
        if (used > 0) throw new NonConformance(`no request at ${mediaUrl}`, 'one with the token');
        control.send({ type: 'offer.cancelled', offerId: call.offerId, reason: 'expired' });
      }
      await bench.stillServes();
    },
  }),
  clientCheck('gives up an offer that is cancelled while it accepts it, and takes the next one', 'C-06', {
    run: async (bench) => {
      const control = await bench.ready();
      const call = await bench.offer('talk');
      const arrival = await call.arrival();
      control.send({ type: 'offer.cancelled', offerId: call.offerId, reason: 'caller_gone' });
      await control.roundTrip();
      arrival.refuse('INVALID_TOKEN');
      await wait(slackMs);
      oneUse(bench, call);
      await bench.stillServes();
    },
  }),
  clientCheck('uses the token of an offer once, however the connection ended', 'C-05 C-06', {
    run: async (bench) => {
      const refused = await bench.offer('idle');
      (await refused.arrival()).refuse('INTERNAL');
      const closed = await bench.offer('idle');
      const attach = closed.attach({ before: async (peer) => peer.close('HANDSHAKE_TIMEOUT') });
      await attach;
      await wait(2 * slackMs);
      oneUse(bench, refused);
      oneUse(bench, closed);
      await bench.stillServes();
    },
  }),
  clientCheck('waits no longer for a call than the offer stands', 'C-05 C-06', {
    run: async (bench) => {
      const control = await bench.ready();
      const call = await bench.offer('idle', { acceptWithinMs: 300 });
      await call.arrival();
      await wait(300);
      control.send({ type: 'offer.cancelled', offerId: call.offerId, reason: 'expired' });
      await bench.stillServes();
    },
  }),
  clientCheck('declines in PENDING by `close`', 'K-19 M-04 M-03', {
    needs: ['decline'],
    run: async (bench) => {
      const call = await bench.call('decline');
      const command = await call.command('close');
      call.event('call.terminated', { reason: 'declined', by: 'agent' });
      call.state = 'DISCONNECTED';
      call.ok(command);
      call.peer.close('NORMAL');
      await call.noReturn(slackMs, 'no resume of a call that has ended');
    },
  }),
  clientCheck('takes a call over from its beginnings, or declines it where it takes none over', 'R-09 R-11', {
    run: async (bench) => {
      const control = await bench.ready();
      const takeover = { state: 'ANSWERED', mode: null, context: { digit: '4' } };
      const call = bench.offerOn(control, 'continue', { takeover });
      if (bench.station.opened?.hello['acceptsTakeover'] !== true) {
        await control.message('decline', { fits: ({ offerId }) => offerId === call.offerId });
        return;
      }
      await call.attach({ more: { state: 'ANSWERED' } });
      call.state = 'ANSWERED';
      await call.hears(call.rateHz / 2);
      const { digits } = await call.command('dtmf');
      if (digits !== '4') throw new NonConformance('the digit of the context', digits);
    },
  }),
  clientCheck('takes an offer of which it knows nothing yet: a withheld number, and times of its own', 'C-05 G-04', {
    run: async (bench) => {
      const call = await bench.offer('idle', { callerNumber: '', acceptWithinMs: limits.acceptTimeoutMs * 2 });
      await call.attach();
      await call.peer.roundTrip();
    },
  }),
];

function oneUse(bench: ClientBench, { mediaToken }: ScriptedCall): void {
  const uses = bench.station.uses.get(mediaToken) ?? 0;
  if (uses !== 1) throw new NonConformance('one request with the token of an offer', `${uses}`);
}
