import { limits } from '@agentao/protocol';
import { type ClientCheck, clientCheck } from '../client-bench.ts';
import { slackMs } from '../clock.ts';
import type { ScriptedCall } from '../scripted-call.ts';

type Code = 'BAD_MESSAGE' | 'TOO_LARGE' | 'OUT_OF_ORDER' | 'BAD_AUDIO' | 'BAD_FRAME' | 'BAD_TEXT';
type Fault = readonly [
  what: string,
  clauses: string,
  codes: readonly (Code | 'LOST')[],
  send: (call: ScriptedCall) => void,
];

const badEvents: readonly (readonly [what: string, event: object])[] = [
  ['an event without a number', { type: 'event', event: { type: 'call.answered', atMs: 1 } }],
  [
    'an event with a state that is none',
    { type: 'event', seq: 1, event: { type: 'call.connected', atMs: 1, mode: 'shout' } },
  ],
  ['a response without an outcome', { type: 'response', id: 1, ok: true }],
  ['credit beyond its bounds', { type: 'credit', generation: 256, upTo: 1 }],
  ['`null` where it is not allowed', { type: 'playout', generation: 0, played: null, audible: true, atMs: 1 }],
];

const faults: readonly Fault[] = [
  ['text that is no JSON', 'G-04', ['BAD_MESSAGE'], ({ peer }) => peer.send('{"type":')],
  ['text that is no object', 'G-04', ['BAD_MESSAGE'], ({ peer }) => peer.send('[]')],
  ...badEvents.map(([what, event]): Fault => [what, 'G-04', ['BAD_MESSAGE'], ({ peer }) => peer.send(event)]),
  [
    'a message that is too large',
    'G-05',
    ['TOO_LARGE'],
    ({ peer }) => peer.sendBytes(new Uint8Array(limits.mediaMessageBytes + 2)),
  ],
  ['audio that is shorter than its header', 'A-01', ['BAD_AUDIO'], ({ peer }) => peer.sendBytes(new Uint8Array(7))],
  ['half a sample', 'A-01', ['BAD_AUDIO'], ({ peer }) => peer.sendBytes(new Uint8Array(9))],
  [
    'bytes that are no frames',
    'G-09',
    ['BAD_FRAME', 'LOST'],
    ({ peer }) => peer.wire.inject(Uint8Array.of(0xff, 0x00, 0x13)),
  ],
  [
    'text that is no UTF-8',
    'G-02',
    ['BAD_TEXT', 'LOST'],
    ({ peer }) => peer.wire.inject(Uint8Array.of(0x81, 0x02, 0xc3, 0x28)),
  ],
];

/** What a client makes of a switch that breaks the protocol on a media connection: it loses that call, and nothing else. */
export const mediaFaultChecks: readonly ClientCheck[] = [
  ...faults.map(([what, clauses, codes, send]) =>
    clientCheck(`closes a media connection with ${codes[0]} on ${what}, and takes the next call`, `${clauses} M-11`, {
      run: async (bench) => {
        const call = await bench.call('idle', { resumeWithinMs: 300 });
        send(call);
        await call.peer.endsWith(codes);
        if (codes.length === 1) await call.noReturn(slackMs, `no resume after a close with ${codes[0]}`);
        await bench.stillServes();
      },
    }),
  ),
  clientCheck('closes with OUT_OF_ORDER on audio before `attached`', 'A-01 G-07', {
    run: async (bench) => {
      const call = await bench.offer('idle');
      await call.attach({
        before: async (peer) => {
          peer.sendBytes(new Uint8Array(8));
          await peer.endsWith(['OUT_OF_ORDER']);
        },
      });
      await bench.stillServes();
    },
  }),
  clientCheck('closes with OUT_OF_ORDER on a second `attached`', 'G-07 M-02', {
    run: async (bench) => {
      const call = await bench.call('idle');
      call.peer.send({
        type: 'attached',
        state: 'PENDING',
        mode: null,
        atMs: 1,
        generation: 0,
        upTo: 0,
        windowSamples: 0,
        resumeToken: 'rt',
        resumeWithinMs: 1,
      });
      await call.peer.endsWith(['OUT_OF_ORDER']);
    },
  }),
  clientCheck('takes messages up to the size limit, in pieces or whole', 'G-05 G-01', {
    run: async (bench) => {
      const call = await bench.call('idle');
      call.peer.sendBytes(new Uint8Array(limits.mediaMessageBytes));
      await call.peer.roundTrip();
      // `{"type":"x"}` in two WebSocket fragments.
      const [head, tail] = [Buffer.from('{"type"'), Buffer.from(':"x"}')];
      call.peer.wire.inject(
        Buffer.concat([Uint8Array.of(0x01, head.length), head, Uint8Array.of(0x80, tail.length), tail]),
      );
      await call.peer.roundTrip();
    },
  }),
  clientCheck('serves again after a switch that stopped', 'H-09 H-11 C-08', {
    run: async (bench) => {
      const control = await bench.fresh();
      const call = await bench.call('echo', { counting: false });
      await call.answered();
      call.event('call.terminated', { reason: 'shutdown', by: 'switch' });
      call.state = 'DISCONNECTED';
      call.peer.close('GOING_AWAY');
      control.close('GOING_AWAY');
      await bench.station.welcome(await bench.nextAttempt(limits.reconnectBaseMs));
      await bench.stillServes();
    },
  }),
];
