// One variant with all its sessions: what this process costs is what the bench compares.
import { createSystemClock, createWheel, sleep } from '@agentao/clock';
import type { AudioSession } from './audio-session.ts';
import { openGeminiSession } from './gemini-session.ts';
import { openRawSession } from './raw-session.ts';

/** What a variant cost. */
export interface VariantReport {
  readonly cpuMs: number;
  readonly sentPieces: number;
  readonly heardPieces: number;
}

const [variant, url = '', sessionsText = '', secondsText = ''] = process.argv.slice(2);
const clock = createSystemClock(globalThis);
const open = variant === 'raw' ? openRawSession : openGeminiSession;
let heardPieces = 0;
let sentPieces = 0;
/** What a bridge does least: it looks at the samples. */
let sum = 0;
const onAudio = (samples: Int16Array): void => {
  heardPieces += 1;
  sum += samples[0] ?? 0;
};
const sessions: AudioSession[] = [];
for (let i = 0; i < Number(sessionsText); i++) sessions.push(await open(url, onAudio));

const piece = new Int16Array(1_600).fill(1_000);
const wheel = createWheel({ clock, onError: (error) => console.error(error) });
for (const session of sessions) {
  let ticks = 0;
  wheel.add({
    tick: () => {
      if (++ticks % 5 !== 0) return;
      sentPieces += 1;
      session.sendAudio(piece.slice());
    },
    skipped: () => {},
  });
}
await sleep(clock, 2_000);
sentPieces = heardPieces = 0;
const before = process.cpuUsage();
await sleep(clock, Number(secondsText) * 1_000);
const { user, system } = process.cpuUsage(before);
process.send?.({ cpuMs: (user + system) / 1_000, sentPieces, heardPieces } satisfies VariantReport);
for (const session of sessions) session.close();
process.exit(Number.isNaN(sum) ? 1 : 0);
