import { limits, subprotocols } from '@agentao/protocol';
import { NonConformance } from '../../check.ts';
import { fellBack, judgeWaits, type SeenWait } from '../back-off.ts';
import { type ClientCheck, clientCheck } from '../client-bench.ts';
import { clock, slackMs, wait } from '../clock.ts';
import { createControlReader } from '../control-reader.ts';
import { Lateness } from '../lateness.ts';
import { isControl } from '../station.ts';
import { openTrap } from '../trap.ts';

/** Sections 1 and 2: how a client opens its control connection, and how it comes back. */
export const connectingChecks: readonly ClientCheck[] = [
  clientCheck('shows its key in the Authorization header and offers the version that it speaks', 'H-01 G-11 G-01', {
    run: async (bench) => {
      await bench.ready();
      const { arrival } = bench.station.opened ?? {};
      if (arrival?.bearer !== bench.station.line.apiKey) {
        throw new NonConformance(
          '`Authorization: Bearer` and the API key',
          arrival?.bearer === '' ? 'none' : 'another one',
        );
      }
      const strange = arrival.subprotocols.filter((name) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name));
      if (strange.length > 0) throw new NonConformance(`${subprotocols.control} among tokens`, strange.join(', '));
    },
  }),
  clientCheck('says hello first, for the connector it was told, and is ready then', 'C-01 C-03 H-08 G-04 G-06', {
    run: async (bench) => {
      const control = await bench.ready();
      await control.roundTrip();
      const connectorUuid = bench.station.opened?.hello['connectorUuid'];
      const told = bench.station.line.connectorUuid;
      if (connectorUuid !== undefined && connectorUuid !== told) {
        throw new NonConformance(`connectorUuid ${told} or none`, JSON.stringify(connectorUuid));
      }
    },
  }),
  clientCheck('does not stay on a connection for which no subprotocol was selected', 'H-01', {
    run: async (bench) => {
      const control = await bench.fresh();
      control.close('GOING_AWAY');
      const arrival = await bench.nextAttempt(limits.reconnectBaseMs);
      const peer = await arrival.accept(createControlReader(), { subprotocol: '' });
      // Libraries that drop such a connection by themselves leave no chance to send a code.
      await peer.endsWith(['BAD_MESSAGE', 'LOST'], {
        expected: 'a close with BAD_MESSAGE, or the end of the connection',
      });
    },
  }),
  clientCheck('follows no redirect, and does not come again after one', 'H-02 H-11', {
    run: async (bench) => {
      await using trap = await openTrap();
      const control = await bench.fresh();
      control.close('GOING_AWAY');
      const arrival = await bench.nextAttempt(limits.reconnectBaseMs);
      arrival.request.answer(302, { headers: { location: `${trap.url}/control` } });
      await bench.station.arrivals.none(isControl, {
        expected: 'no attempt after a refusal with 302',
        withinMs: 2 * limits.reconnectBaseMs + slackMs,
      });
      trap.assertUntouched('no request at the target of a redirect');
    },
  }),
  clientCheck('comes back after ever longer random waits, where that may help', 'H-11 G-09 C-08', {
    timeoutMs: 60_000,
    run: async (bench) => {
      const control = await bench.fresh();
      const waits: SeenWait[] = [];
      let lostMs = clock.now();
      control.close('GOING_AWAY');
      for (
        let boundMs: number = limits.reconnectBaseMs;
        waits.length < 4 || (fellBack(waits) && waits.length < 7);
        boundMs = Math.min(2 * boundMs, limits.reconnectCapMs)
      ) {
        using late = new Lateness(clock);
        const arrival = await bench.nextAttempt(boundMs);
        waits.push({ waitMs: arrival.request.atMs - lostMs, boundMs, lateMs: late.maxMs });
        const kind = waits.length % 4;
        if (kind === 1) arrival.refuse('SHUTTING_DOWN');
        else if (kind === 3) arrival.request.answer(502, { body: 'a proxy' });
        else {
          const next = await bench.station.welcome(arrival);
          if (kind === 2) next.closeWith(4_999);
          else next.wire.inject(Uint8Array.of(0x88, 0x00));
        }
        lostMs = clock.now();
      }
      judgeWaits(waits);
    },
  }),
  clientCheck(
    'is ready again after its connection was cut, and the next attempt met something else',
    'C-08 C-03 G-09',
    {
      run: async (bench) => {
        bench.spend();
        const control = await bench.ready();
        control.wire.cut();
        const { wire } = (await bench.nextAttempt(limits.reconnectBaseMs)).request;
        wire.inject(Buffer.from('220 this is a mail server\r\n\r\n'));
        await wait(100);
        wire.cut();
        await bench.station.welcome(await bench.nextAttempt(2 * limits.reconnectBaseMs));
        await bench.stillServes();
      },
    },
  ),
  clientCheck('takes a refusal whose retry is no as final', 'H-11 H-02', {
    run: async (bench) => {
      const control = await bench.fresh();
      control.close('GOING_AWAY');
      (await bench.nextAttempt(limits.reconnectBaseMs)).refuse('UNAUTHENTICATED');
      await bench.station.arrivals.none(isControl, {
        expected: 'no attempt after a refusal with UNAUTHENTICATED',
        withinMs: 2 * limits.reconnectBaseMs + slackMs,
      });
    },
  }),
  clientCheck('takes a close whose retry is no as final', 'H-11 C-02', {
    run: async (bench) => {
      const control = await bench.fresh();
      control.send({ type: 'error', code: 'FORBIDDEN', message: 'the connector is served by somebody else' });
      control.close('FORBIDDEN');
      await bench.station.arrivals.none(isControl, {
        expected: 'no attempt after a close with FORBIDDEN',
        withinMs: limits.reconnectBaseMs + slackMs,
      });
    },
  }),
];
