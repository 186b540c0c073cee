import { limits } from '@agentao/protocol';
import { NonConformance } from '../../check.ts';
import { type ClientCheck, clientCheck } from '../client-bench.ts';
import { wait } from '../clock.ts';
import type { Heard } from '../peer.ts';
import type { ScriptedCall } from '../scripted-call.ts';

const isAudio = (item: Heard): boolean => item.kind === 'audio';

/** Section 7: outgoing audio, its credit, its generations. */
export const audioChecks: readonly ClientCheck[] = [
  clientCheck('sends all that it was given, in order, in frames that are well formed', 'A-06 A-07 A-01 G-05', {
    needs: ['talk'],
    run: async (bench) => {
      const call = await bench.call('talk');
      await call.answered();
      const end = 3 * call.rateHz;
      await call.hears(end);
      await call.silence(200, `audio up to ${end}`);
    },
  }),
  clientCheck('sends within its credit, in few messages, as soon as credit comes', 'A-08 A-09 A-16', {
    needs: ['talk'],
    run: async (bench) => {
      const windowSamples = 4_801;
      const call = await bench.call('talk', { windowSamples });
      await call.answered();
      await call.hears(windowSamples);
      call.peer.send({ type: 'credit', generation: 9, upTo: 4_000_000 });
      await call.silence(300, 'no audio beyond the credit of the present generation');
      call.peer.heard.drop(isAudio);
      const granted = 30_000;
      call.credit(granted);
      await call.hears(granted);
      const messages = call.peer.heard.drop(isAudio).length + 1;
      if (messages > 4)
        throw new NonConformance(
          'as few messages as the credit allows',
          `${messages} for ${granted - windowSamples} samples`,
        );
      call.credit(granted);
      await call.silence(200, 'no audio beyond the credit');
    },
  }),
  clientCheck('sends no audio without credit', 'A-08', {
    needs: ['talk'],
    run: async (bench) => {
      const call = await bench.call('talk', { windowSamples: 0 });
      await call.answered();
      await call.silence(300, 'no audio without credit');
      call.credit(1);
      await call.hears(1);
    },
  }),
  clientCheck(
    'clears: the next generation, at the end of all it was given, and goes on within the window',
    'K-17 A-07 A-08 A-15 A-16',
    {
      needs: ['clear'],
      run: async (bench) => {
        const windowSamples = 4_800;
        const call = await bench.call('clear', { windowSamples });
        await call.answered();
        await call.hears(windowSamples);
        let end = 3 * call.rateHz;
        for (const generation of [1, 2]) {
          const clear = await call.command('clear');
          if (clear.generation !== generation || clear.position !== end) {
            throw new NonConformance(
              `\`clear\` of generation ${generation} at ${end}`,
              `${clear.generation} at ${clear.position}`,
            );
          }
          // Was sent before the switch saw the clear.
          call.peer.send({ type: 'credit', generation: generation - 1, upTo: 4_000_000 });
          call.playout(end);
          call.ok(clear, { position: Math.min(end, 4_800), clearedSamples: end - 4_800 });
          end += call.rateHz / 2;
        }
        await call.hears(end - call.rateHz / 2 + windowSamples);
        await call.silence(200, 'no audio beyond the window of the new generation');
        call.credit(end);
        await call.hears(end);
      },
    },
  ),
  clientCheck('sends no audio between a `mode` with `discard` and its success', 'A-18 K-14 A-15', {
    needs: ['discard'],
    run: async (bench) => {
      const call = await bench.call('discard', { windowSamples: 4_800 });
      await call.connected();
      const { mode, end } = await discarding(call);
      await call.silence(400, 'no audio before the success');
      call.playout(end);
      call.event('call.mode_changed', { mode: 'whisper', position: end });
      call.ok(mode, { position: 4_800, clearedSamples: end - 4_800 });
      await call.hears(end + 4_800, { expected: 'audio of the new generation after the success' });
    },
  }),
  clientCheck('begins the generation by a `clear` when a `mode` with `discard` is refused', 'A-18', {
    needs: ['discard'],
    run: async (bench) => {
      const call = await bench.call('discard', { windowSamples: 4_800 });
      await call.connected();
      const { mode, end } = await discarding(call);
      await wait(200);
      call.refuse(mode, 'INVALID_STATE');
      const clear = await call.command('clear', {
        expected: 'a `clear` of the generation that the refused `mode` was to begin',
      });
      call.ok(clear, { position: 4_800, clearedSamples: end - 4_800 });
      await call.hears(end + 4_800, { expected: 'audio of the new generation' });
    },
  }),
  clientCheck('changes the mode at the end of what it has said', 'K-15 K-13', {
    needs: ['after-playout'],
    run: async (bench) => {
      const call = await bench.call('after-playout');
      await call.connected();
      const mode = await call.command('mode');
      const end = call.rateHz;
      if (mode.afterPosition !== end) throw new NonConformance(`\`afterPosition\` ${end}`, String(mode.afterPosition));
      call.playout(end);
      call.event('call.mode_changed', { mode: 'whisper', position: end });
      call.ok(mode, { position: end });
      await call.peer.roundTrip();
    },
  }),
  clientCheck('learns from `playout` what has been heard', 'M-10 A-13', {
    needs: ['heard'],
    run: async (bench) => {
      const call = await bench.call('heard');
      await call.answered();
      const end = call.rateHz / 2;
      await call.hears(end);
      call.playout(end - 1);
      await call.peer.heard.none((item) => item.kind === 'text' && item.message.type === 'dtmf', {
        expected: 'patience until all has been heard',
        withinMs: 200,
      });
      call.playout(end);
      await call.command('dtmf');
    },
  }),
  clientCheck(`has at most ${limits.pendingMarks} marks waiting`, 'M-10', {
    needs: ['marks'],
    run: async (bench) => {
      const call = await bench.call('marks');
      await call.hears(1_100);
      await call.peer.roundTrip();
    },
  }),
];

/** Takes the `mode` with `discard` of the scenario, which comes at the end of the three seconds said before. */
async function discarding(
  call: ScriptedCall,
): Promise<{ readonly mode: { readonly id: number }; readonly end: number }> {
  const mode = await call.command('mode');
  const end = 3 * call.rateHz;
  if (mode.discard?.position !== end) throw new NonConformance(`\`discard\` at ${end}`, JSON.stringify(mode.discard));
  return { mode, end };
}
