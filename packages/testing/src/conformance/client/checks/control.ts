import { limits } from '@agentao/protocol';
import { type ClientCheck, clientCheck } from '../client-bench.ts';
import type { Peer } from '../peer.ts';
import { slackMs } from '../clock.ts';
import { isControl } from '../station.ts';

const offer = {
  type: 'offer',
  offerId: 'o',
  callId: 'c',
  callerNumber: '',
  calleeNumber: 'idle',
  direction: 'MT',
  mediaUrl: '/media',
  mediaToken: 'mt',
  acceptWithinMs: 2_000,
};

function nested(levels: number): string {
  return `{"type":"levitate","deep":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
}

function sized(bytes: number): string {
  const empty = JSON.stringify({ type: 'levitate', pad: '' });
  return JSON.stringify({ type: 'levitate', pad: 'x'.repeat(bytes - empty.length) });
}

const welcome = { type: 'welcome', sessionId: 'again', connectorUuid: 'again', heartbeatMs: 5_000 };

type Fault = readonly [
  what: string,
  clauses: string,
  code: 'BAD_MESSAGE' | 'TOO_LARGE' | 'OUT_OF_ORDER',
  send: (peer: Peer) => void,
];

const faults: readonly Fault[] = [
  ['text that is no JSON', 'G-04', 'BAD_MESSAGE', (peer) => peer.send('offer')],
  ['an offer without its token', 'G-04', 'BAD_MESSAGE', (peer) => peer.send({ ...offer, mediaToken: undefined })],
  ['an offer with a direction that is none', 'G-04', 'BAD_MESSAGE', (peer) => peer.send({ ...offer, direction: 'XX' })],
  ['a second welcome', 'G-07', 'OUT_OF_ORDER', (peer) => peer.send(welcome)],
  ['a binary message', 'G-02', 'BAD_MESSAGE', (peer) => peer.sendBytes(new Uint8Array(8))],
  ['a text that is nested too deeply', 'G-05', 'BAD_MESSAGE', (peer) => peer.send(nested(limits.switchNesting + 1))],
  ['a text that is too large', 'G-05', 'TOO_LARGE', (peer) => peer.send(sized(limits.controlMessageBytes + 1))],
];

/** Section 3: what a client makes of what it is told. */
export const controlChecks: readonly ClientCheck[] = [
  clientCheck('ignores messages and fields that it does not know', 'G-03 G-05 G-06', {
    run: async (bench) => {
      await bench.fresh();
      const control = await bench.ready();
      control.send({ type: 'levitate', id: 1 });
      control.send({ type: 'hello', client: 'not from a switch' });
      control.send('{"type":"pong","id":3,"__proto__":{"x":1}}');
      control.send(` ${nested(limits.switchNesting)}\n`);
      control.send(sized(limits.controlMessageBytes));
      control.send({ type: 'offer.cancelled', offerId: 'nobody-s', reason: 'expired' });
      await control.roundTrip();
      control.close('GOING_AWAY');
      const again = await bench.station.greeted(await bench.nextAttempt(limits.reconnectBaseMs));
      again.send({ type: 'levitate' });
      bench.station.sendWelcome(again, { weather: 'fine', more: [{ deep: true }] });
      await again.message('ready', { fits: ({ ready }) => ready === true });
      const call = bench.offerOn(again, 'answer', { priority: 3, extra: { a: null } });
      await call.attach({ more: { colour: 'blue' } });
      await call.answered();
    },
  }),
  ...faults.map(([what, clauses, code, send]) =>
    clientCheck(`closes a control connection with ${code} on ${what}, and does not come again`, `${clauses} H-11`, {
      run: async (bench) => {
        const control = await bench.fresh();
        send(control);
        await control.endsWith([code]);
        await bench.station.arrivals.none(isControl, {
          expected: `no attempt after a close with ${code}`,
          withinMs: limits.reconnectBaseMs + slackMs,
        });
      },
    }),
  ),
  clientCheck('closes with OUT_OF_ORDER on an offer before its welcome', 'G-07', {
    run: async (bench) => {
      (await bench.fresh()).close('GOING_AWAY');
      const peer = await bench.station.greeted(await bench.nextAttempt(limits.reconnectBaseMs));
      peer.send(offer);
      await peer.endsWith(['OUT_OF_ORDER']);
    },
  }),
  clientCheck('does not mind bytes that are no WebSocket frames more than by losing the connection', 'G-09', {
    run: async (bench) => {
      bench.spend();
      const control = await bench.ready();
      control.wire.inject(Uint8Array.of(0xff, 0xff, 0x00, 0x42, 0x13, 0x37));
      await control.endsWith(['BAD_FRAME', 'LOST']);
    },
  }),
  clientCheck('goes on with its calls when the control connection is lost, and serves again', 'C-08', {
    run: async (bench) => {
      bench.spend();
      const control = await bench.ready();
      const call = await bench.call('echo', { counting: false });
      await call.answered();
      control.wire.cut();
      call.press('5');
      await call.command('dtmf').then((command) => call.ok(command));
      await bench.station.welcome(await bench.nextAttempt(limits.reconnectBaseMs));
      call.press('6');
      await call.command('dtmf').then((command) => call.ok(command));
      await bench.stillServes();
    },
  }),
  clientCheck('says that it is not ready before it stops, leaves its calls and closes with NORMAL', 'C-09 C-03', {
    needs: ['stop'],
    run: async (bench) => {
      const control = await bench.fresh();
      const call = await bench.call('stop');
      await control.message('ready', { fits: ({ ready }) => ready === false, expected: '`ready` with `false`' });
      // An offer that crosses it stands until it is declined.
      const crossing = bench.offerOn(control, 'idle');
      await control.message('decline', { fits: ({ offerId }) => offerId === crossing.offerId });
      const isEnd = (type: string): boolean => type === 'close' || type === 'disconnect';
      const end = await call.peer.heard.next((item) => item.kind === 'text' && isEnd(item.message.type), {
        expected: '`close` of the call',
      });
      call.event('call.terminated', { reason: 'declined', by: 'agent' });
      call.state = 'DISCONNECTED';
      if (end.kind === 'text') call.ok({ id: end.message.id ?? 0 });
      call.peer.close('NORMAL');
      await control.endsWith(['NORMAL']);
    },
  }),
];
