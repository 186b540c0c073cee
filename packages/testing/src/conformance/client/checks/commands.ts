import { limits, tracks } from '@agentao/protocol';
import { NonConformance } from '../../check.ts';
import { type ClientCheck, clientCheck } from '../client-bench.ts';
import { clock, slackMs, wait } from '../clock.ts';
import type { ScriptedCall } from '../scripted-call.ts';

/** Sections 4 to 6: commands, their responses, and events. */
export const commandChecks: readonly ClientCheck[] = [
  clientCheck('attaches first, and says nothing of the call before', 'M-01 M-02', {
    run: async (bench) => {
      const call = await bench.call('talk', { before: () => wait(300) });
      await call.answered();
    },
  }),
  clientCheck('matches responses by their ids, in any order, and takes unknown codes for failures', 'M-06 G-10 K-01', {
    needs: ['dtmf'],
    run: async (bench) => {
      const call = await bench.call('dtmf');
      await call.answered();
      const [first, second] = [await call.command('dtmf'), await call.command('dtmf')];
      expectDigits([first.digits, second.digits], '1,2');
      call.ok(second);
      call.refuse(first, 'SOLAR_FLARE');
      const last = await call.command('dtmf', { expected: 'the digit that succeeded' });
      expectDigits([last.digits], '2');
      call.ok(last);
    },
  }),
  clientCheck('waits ten seconds for a response, and goes on when none has come', 'M-08', {
    needs: ['dtmf'],
    timeoutMs: 40_000,
    run: async (bench) => {
      const call = await bench.call('dtmf');
      await call.answered();
      const [first, second] = [await call.command('dtmf'), await call.command('dtmf')];
      const sinceMs = clock.now();
      call.ok(second);
      const last = await call.command('dtmf', {
        withinMs: limits.commandTimeoutMs + 5 * slackMs,
        expected: `the digit that succeeded, ${limits.commandTimeoutMs} ms later`,
      });
      expectDigits([last.digits], '2');
      const waitedMs = clock.now() - sinceMs;
      if (waitedMs < limits.commandTimeoutMs - slackMs)
        throw new NonConformance('ten seconds of patience', `${Math.round(waitedMs)} ms`);
      call.ok(first);
      call.ok(last);
      await call.peer.roundTrip();
    },
  }),
  clientCheck('connects within the bounds of the ring time, in the mode that it wants', 'K-08 K-09', {
    needs: ['connect'],
    run: async (bench) => {
      const call = await bench.call('connect');
      await call.connected();
      await call.peer.roundTrip();
    },
  }),
  clientCheck('cancels the `connect` that it means, and takes in other messages while that rings', 'K-12 G-08', {
    needs: ['connect-cancel'],
    run: async (bench) => {
      const call = await bench.call('connect-cancel');
      const connect = await call.command('connect');
      await call.peer.roundTrip();
      const cancel = await call.command('connect.cancel');
      if (cancel.connectId !== connect.id)
        throw new NonConformance(`connectId ${connect.id}`, String(cancel.connectId));
      call.event('call.connect_failed', { errorCode: 'CONNECT_CANCELLED', errorMessage: 'cancelled' });
      call.refuse(connect, 'CONNECT_CANCELLED');
      call.ok(cancel);
      await call.peer.roundTrip();
    },
  }),
  clientCheck('leaves by `close`', 'K-19 M-04', {
    needs: ['leave'],
    run: async (bench) => {
      const call = await bench.call('leave');
      await call.answered();
      await endedBy(call, 'close', 'left');
    },
  }),
  clientCheck('ends the call for all by `disconnect`', 'K-18 M-04', {
    needs: ['hang-up'],
    run: async (bench) => {
      const call = await bench.call('hang-up');
      await call.answered();
      await endedBy(call, 'disconnect', 'disconnected');
    },
  }),
  clientCheck('tears down by closing with FORCE_DISCONNECT', 'M-04', {
    needs: ['force'],
    run: async (bench) => {
      const call = await bench.call('force');
      await call.answered();
      await call.peer.endsWith(['FORCE_DISCONNECT']);
      await call.noReturn(slackMs, 'no resume after FORCE_DISCONNECT');
    },
  }),
  clientCheck(
    'is done with a call after `call.terminated`, with commands under way and whatever the close code',
    'M-03 M-07 M-11 K-11',
    {
      needs: ['connect'],
      run: async (bench) => {
        const call = await bench.call('connect');
        const command = await call.command('connect');
        call.event('call.terminated', { reason: 'hangup', by: 'caller' });
        call.state = 'DISCONNECTED';
        call.refuse(command, 'CALL_ENDED');
        call.peer.close('INTERNAL');
        await call.noReturn(2 * slackMs, 'no resume of a call that has ended');
        await bench.stillServes();
      },
    },
  ),
  clientCheck('adds to the record after the end where it has asked for that, and then closes', 'M-13 M-03', {
    needs: ['late'],
    run: async (bench) => {
      const call = await bench.call('late');
      await call.answered();
      if (!call.annotatesAfterEnd) throw new NonConformance('`annotateAfterEnd` with true in `attach`', 'none');
      terminate(call);
      call.ok(await call.command('annotate'));
      await call.peer.endsWith(['NORMAL']);
    },
  }),
  clientCheck(
    'closes by itself, with nothing to add, where the switch leaves the connection open for it',
    'M-13 M-03',
    {
      run: async (bench) => {
        const call = await bench.call('answer');
        await call.answered();
        terminate(call);
        if (!call.annotatesAfterEnd) call.peer.close('NORMAL');
        await call.peer.endsWith(['NORMAL'], { withinMs: limits.lateAnnotateMs });
        await call.noReturn(slackMs, 'no resume of a call that has ended');
      },
    },
  ),
  clientCheck('is done with a call whose end answers no command', 'M-03 K-06 R-12', {
    needs: ['connect'],
    run: async (bench) => {
      const call = await bench.call('connect');
      await call.command('connect');
      await call.hangUp('taken_over', 'switch');
      await bench.stillServes();
    },
  }),
  clientCheck('ignores media messages, events, tracks and flags that it does not know', 'G-03 M-09 A-05 A-04 A-01', {
    needs: ['echo'],
    run: async (bench) => {
      const call = await bench.call('echo', { counting: false });
      call.peer.send({ type: 'levitate', id: 5 });
      call.peer.send({ type: 'answer', id: 5 });
      call.peer.send({ type: 'response', id: 4_000_000_000, ok: true, result: {} });
      call.event('call.eclipse', { shadow: { of: 'the moon' } });
      call.event('call.error', { errorCode: 'SOLAR_FLARE', errorMessage: '', more: 1 });
      await call.answered();
      call.say(0, 480, { track: 7 });
      call.say(4_800, 480, { flags: 0x8002 });
      call.say(5_280, 0);
      await call.hears(480, { expected: 'an echo of 480 samples' });
      call.press('7');
      expectDigits([(await call.command('dtmf')).digits], '7');
      await wait(100);
      const { received } = call.audio;
      if (received !== 480) throw new NonConformance('an echo of the 480 samples of the mix', `${received} samples`);
    },
  }),
  clientCheck('stores a context and adds an annotation, and goes on when they are refused', 'K-20 G-10', {
    needs: ['record'],
    run: async (bench) => {
      const call = await bench.call('record');
      await call.answered();
      call.refuse(await call.command('context'), 'UNKNOWN_COMMAND');
      call.refuse(await call.command('annotate'), 'BAD_ARGUMENT');
      expectDigits([(await call.command('dtmf')).digits], '5');
    },
  }),
  clientCheck('asks for the tracks that it wants, each by its own name', 'M-01 K-20', {
    needs: ['tracks'],
    run: async (bench) => {
      const call = await bench.call('tracks');
      const wanted = new Set(call.tracks);
      await call.answered();
      const all = (): boolean => wanted.has('caller') && wanted.has('callee');
      while (!all()) {
        const command = await call.command('tracks', { expected: '`caller` and `callee` among the tracks' });
        for (const track of command.tracks) wanted.add(track);
        call.ok(command);
      }
      call.say(480, 480, { track: tracks.caller });
      call.say(480, 480, { track: tracks.callee });
      await call.peer.roundTrip();
    },
  }),
];

/** The caller hangs up, and the switch leaves the connection open. */
function terminate(call: ScriptedCall): void {
  call.event('call.terminated', { reason: 'hangup', by: 'caller' });
  call.state = 'DISCONNECTED';
}

function expectDigits(seen: readonly string[], expected: string): void {
  if (seen.join() !== expected) throw new NonConformance(`\`dtmf\` of ${expected}`, seen.join());
}

async function endedBy(call: ScriptedCall, type: 'close' | 'disconnect', reason: string): Promise<void> {
  const command = await call.command(type);
  call.event('call.terminated', { reason, by: 'agent' });
  call.state = 'DISCONNECTED';
  call.ok(command);
  call.peer.close('NORMAL');
  await call.peer.end({ expected: 'the end of the connection' });
  await call.noReturn(slackMs, 'no resume of a call that has ended');
}
