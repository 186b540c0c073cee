import { decodeWav } from '@agentao/audio';
import { wordsOf } from '@agentao/audio/speech';
import { type BusinessHours, businessHours } from '@agentao/business/hours';
import type { ActiveCall } from '@agentao/calls';
import { type AppLab, type AppLabOptions, createAppLab, type NotifierFault } from '@agentao/testing/app';
import { map } from 'rxjs';
import { expect } from 'vitest';
import { createApp, type OfficeParts } from './app.ts';
import { type MessageStore, openStore } from './store.ts';

export const night: string = '2026-01-05T22:00:00Z';
const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'];
const week = Object.fromEntries(weekdays.map((day) => [day, '09:00-17:00']));
export const hours: BusinessHours = businessHours({ timeZone: 'UTC', week, holidays: ['2026-01-12'] });
export type Parts = Omit<OfficeParts, 'hours'>;
/** The app as it is tested: open on weekdays, by the clocks of UTC. */
export const app: Pick<AppLabOptions<MessageStore>, 'rules' | 'openStore' | 'createApp'> = {
  rules: new URL('../model.json', import.meta.url),
  openStore,
  createApp: (parts: Parts) => createApp({ hours, ...parts }),
};
export type OfficeLab = AppLab<MessageStore>;
export const open = (startAt: string, { notifier }: { readonly notifier?: NotifierFault } = {}): Promise<OfficeLab> =>
  createAppLab({ ...app, startAt: new Date(startAt), notifier });

export const greeting: string =
  'Hello, the office is closed. Press the hash key at the end. Please leave a message now.';
export const confirmation: string = 'Thank you, your message is kept, and somebody will call you back. Goodbye.';

/** The sound of the first message that was kept: its words, and the silence around and between them. */
export async function keptSound(lab: OfficeLab): Promise<{
  readonly words: string;
  readonly beforeMs: number;
  readonly longestPauseMs: number;
  readonly afterMs: number;
}> {
  const [message] = await lab.store.all();
  const wav = await lab.store.wav(message?.callId ?? '');
  const { samples, sampleRateHz } = decodeWav(wav ?? new Uint8Array());
  const ms = (count: number): number => (count * 1000) / sampleRateHz;
  expect(message?.durationMs).toBeCloseTo(ms(samples.length), -1);
  const words = wordsOf(samples, { sampleRateHz });
  return {
    words: words.map(({ text, complete }) => (complete ? text : `${text}-`)).join(' '),
    beforeMs: ms(words[0]?.startSample ?? 0),
    longestPauseMs: ms(Math.max(...words.slice(1).map((word, i) => word.startSample - (words[i]?.endSample ?? 0)))),
    afterMs: ms(samples.length - (words.at(-1)?.endSample ?? 0)),
  };
}

/** What a line makes of its caller: so much quieter. */
export function quieter(call: ActiveCall, db: number): ActiveCall {
  const gain = 10 ** (-db / 20);
  const audio$: ActiveCall['audio$'] = (options) =>
    call
      .audio$(options)
      .pipe(map((chunk) => ({ ...chunk, samples: chunk.samples.map((sample) => Math.round(sample * gain)) })));
  return new Proxy(call, {
    get: (target, name): unknown => {
      if (name === 'audio$') return audio$;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
