import { limits } from '@agentao/protocol';
import { NonConformance } from '../../check.ts';
import { type ClientBench, type ClientCheck, clientCheck } from '../client-bench.ts';
import { clock, lateMs, patienceMs, slackMs, wait } from '../clock.ts';
import type { Peer } from '../peer.ts';

const heartbeatMs = 400;
const webSocketPing = Uint8Array.of(0x89, 0x00);

/** Section 1.1: who lives, and who is gone. */
export const livenessChecks: readonly ClientCheck[] = [
  clientCheck('answers a ping at once with a pong of the same id, also before its welcome', 'G-12', {
    run: async (bench) => {
      bench.spend();
      const control = await bench.ready();
      await control.roundTrip(0);
      await control.roundTrip(0xffff_ffff);
      control.send({ type: 'pong', id: 17 });
      control.close('GOING_AWAY');
      const again = await bench.station.greeted(await bench.nextAttempt(limits.reconnectBaseMs));
      await again.roundTrip(7);
      bench.station.sendWelcome(again);
      const call = await bench.call('idle', { before: (peer) => peer.roundTrip(8) });
      await call.peer.roundTrip(9);
    },
  }),
  clientCheck('takes every frame as a sign of life', 'G-13 G-14', {
    run: async (bench) => {
      const control = await withHeartbeat(bench);
      control.answersPings = false;
      const untilMs = clock.now() + 3 * heartbeatMs;
      for (let beats = 0; clock.now() < untilMs; beats++) {
        if (beats % 2 === 0) control.wire.inject(webSocketPing);
        else control.send({ type: 'levitate' });
        await wait(heartbeatMs / 4);
      }
      if (control.closed !== undefined)
        throw new NonConformance('the connection to stay', `a close with ${control.closed.code}`);
    },
  }),
  clientCheck('gives up a control connection after two silent heartbeats, and comes back', 'G-14 G-16', {
    run: async (bench) => {
      const control = await withHeartbeat(bench);
      control.wire.hush();
      const sinceMs = clock.now();
      await control.endsWith(['LIVENESS_LOST'], {
        expected: `a close with LIVENESS_LOST after ${2 * heartbeatMs} ms of silence`,
        withinMs: 2 * heartbeatMs + patienceMs / 2,
      });
      tooSoon(clock.now() - sinceMs, 2 * heartbeatMs - heartbeatMs / 2);
      await bench.nextAttempt(4 * limits.reconnectBaseMs);
    },
  }),
  clientCheck('asks a silent media peer whether it lives, and gives it up after two seconds', 'G-15 G-16', {
    run: async (bench) => {
      const call = await bench.call('idle', { resumeWithinMs: 200 });
      await call.peer.roundTrip();
      const { peer } = call;
      peer.beats.drop(() => true);
      peer.wire.hush();
      const sinceMs = clock.now();
      const isPing = ({ type }: { readonly type: string }): boolean => type === 'ping';
      await peer.beats.next(isPing, {
        expected: `a \`ping\` after ${limits.mediaPingMs} ms of silence`,
        withinMs: limits.mediaPingMs + lateMs,
      });
      await peer.beats.next(isPing, {
        expected: 'another `ping` after as long again',
        withinMs: limits.mediaPingMs + lateMs,
      });
      await peer.endsWith(['LIVENESS_LOST'], {
        expected: `a close with LIVENESS_LOST after ${limits.mediaDeadMs} ms of silence`,
        withinMs: limits.mediaDeadMs + lateMs,
      });
      tooSoon(clock.now() - sinceMs, limits.mediaDeadMs - 100);
      await bench.stillServes();
    },
  }),
  clientCheck('keeps a media connection on which nothing but WebSocket pings come', 'G-13 G-15', {
    run: async (bench) => {
      const call = await bench.call('idle');
      call.peer.answersPings = false;
      const untilMs = clock.now() + limits.mediaDeadMs + slackMs;
      while (clock.now() < untilMs) {
        call.peer.wire.inject(webSocketPing);
        await wait(limits.mediaPingMs / 2);
      }
      call.peer.answersPings = true;
      if (call.peer.closed !== undefined)
        throw new NonConformance('the connection to stay', `a close with ${call.peer.closed.code}`);
    },
  }),
];

/** A control connection with a short heartbeat. */
async function withHeartbeat(bench: ClientBench): Promise<Peer> {
  await bench.fresh();
  bench.station.heartbeatMs = heartbeatMs;
  return bench.again();
}

function tooSoon(ms: number, leastMs: number): void {
  if (ms < leastMs) throw new NonConformance(`patience for ${leastMs} ms`, `the end after ${Math.round(ms)} ms`);
}
