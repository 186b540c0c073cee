import { type ActiveCall, events, WSSError } from '@agentao/calls';
import { type Clock, sleep } from '@agentao/clock';
import { createSeededRandom } from '../cuts/seeded-random.ts';
import { tell } from './child-side.ts';
import { createSearchingEar, type SearchingEar } from './ear.ts';
import type { PartHeard } from './messages.ts';
import { createSpeech, longestSpeech, readNumber, voiceOf } from './voices.ts';

/** How agents go about a call: `restless` uses every verb there is, `steady` answers and talks until somebody else ends it. */
export type AgentManner = 'restless' | 'steady';

/** An agent's part in a call. */
export interface AgentPart {
  /** Tells the parent what has been heard since the last time. */
  flush(): void;
  /** The handler: resolves at the end, and tells the parent of it. */
  run(): Promise<void>;
}

/** A handler that throws, as some do. */
export class Unwell extends Error {}

let parts = 0;

/** Makes it. It listens and speaks from the beginning to the end, whatever verbs it uses. */
export function createAgentPart(call: ActiveCall, clock: Clock, manner: AgentManner): AgentPart {
  const part = ++parts;
  const { callId } = call;
  const { slot, serial } = readNumber(call.calleeNumber);
  const random = createSeededRandom(slot * 10_000 + serial + (call.takenOver ? 1_000_003 : 0));
  const anomalies: string[] = [];
  const ears = new Map<PartHeard['track'], SearchingEar>();
  let endEvents = 0;

  const listen = (track: PartHeard['track']): void => {
    const ear = createSearchingEar();
    ears.set(track, ear);
    call.audio$({ party: track }).subscribe(({ samples, positionSamples }) => ear.hear(samples, positionSamples));
  };

  // Who coaches says what the caller must never hear: in another voice. That is over before the verb which lets the caller listen is used.
  const voices = { agent: createSpeech(voiceOf(slot, 'agent')), coach: createSpeech(voiceOf(slot, 'coach')) };
  let speaking: keyof typeof voices = call.mode === 'whisper' || call.mode === 'spy' ? 'coach' : 'agent';
  let hush = new AbortController();
  const speakAs = (role: keyof typeof voices): void => {
    if (role === speaking) return;
    speaking = role;
    hush.abort();
    hush = new AbortController();
  };
  const isOver = (): boolean => call.state === 'DISCONNECTED';
  const speak = async (): Promise<void> => {
    while (!isOver()) {
      const { signal } = hush;
      try {
        await call.sendAudio(voices[speaking].next(longestSpeech), { wait: true, signal });
      } catch (error) {
        if (isOver()) return;
        if (!signal.aborted) throw error;
      }
    }
  };

  /** What the switch or the chaos refuses is no failure; anything else is. */
  const attempt = async (what: string, verb: () => Promise<unknown>): Promise<boolean> => {
    try {
      await verb();
      return true;
    } catch (error) {
      if (!(error instanceof WSSError)) anomalies.push(`${what} of ${callId}: ${String(error)}`);
      return false;
    }
  };
  const pause = (mostMs: number): Promise<void> =>
    sleep(clock, 200 + random() * mostMs, { signal: call.signal }).catch(() => undefined);

  const confer = async (): Promise<void> => {
    for (let changes = Math.floor(random() * 5); changes > 0 && call.state === 'CONNECTED'; changes--) {
      await pause(2_500);
      const mode = (['barge', 'whisper', 'spy'] as const)[Math.floor(random() * 3)] ?? 'barge';
      if (mode === 'barge') speakAs('agent');
      if ((await attempt(mode, () => call[mode]())) && call.mode === mode && mode !== 'barge') speakAs('coach');
      if (random() < 0.2) await attempt('clear', () => call.clearSendAudioBuffer());
    }
  };
  const connect = async (): Promise<void> => {
    const mode = (['barge', 'barge', 'whisper', 'spy'] as const)[Math.floor(random() * 4)] ?? 'barge';
    const ringTimeSeconds = 2 + Math.floor(random() * 4);
    const signal = random() < 0.1 ? { signal: AbortSignal.timeout(1_000) } : {};
    const connected = await attempt('connect', () => call.connect({ ringTimeSeconds, mode, ...signal }));
    if (!connected) return;
    if (call.mode !== 'barge' && call.mode !== null) speakAs('coach');
    await confer();
  };

  const act = async (): Promise<void> => {
    if (manner === 'steady') {
      if (!call.takenOver) await attempt('answer', () => call.answer());
      return;
    }
    if (call.takenOver) {
      await pause(2_000);
      if (call.state === 'CONNECTED') return confer();
    } else {
      const chance = random();
      if (chance < 0.05) return void (await attempt('close', () => call.close()));
      if (chance < 0.07) throw new Unwell('a handler that is not well');
      if (chance < 0.2) return connect();
      await attempt('answer', () => call.answer());
      await attempt('setContext', () => call.setContext({ serial }));
    }
    await pause(4_000);
    if (random() < 0.1) await attempt('sendDtmf', () => call.sendDtmf('12'));
    if (random() < 0.6) await connect();
    await pause(6_000);
    const chance = random();
    if (chance < 0.2) await attempt('close', () => call.close());
    else if (chance < 0.3) await attempt('disconnect', () => call.disconnect());
    else if (chance < 0.34) await attempt('forceDisconnect', () => call.forceDisconnect());
  };

  const flush = (): void => {
    for (const [track, ear] of ears) {
      const heard = ear.take();
      if (heard.samples > 0) tell({ type: 'heard', part, callId, track, ear: heard });
    }
  };
  const settle = async (spoken: Promise<void>): Promise<void> => {
    const ended = await call.ended;
    await spoken;
    // What is told behind the end, if anything is, is told at once.
    await sleep(clock, 200);
    flush();
    tell({ type: 'part', part, ended, endEvents, anomalies });
  };

  return {
    flush,
    async run() {
      tell({ type: 'begun', part, callId, takenOver: call.takenOver });
      call.on(events.CALL_TERMINATED, () => void endEvents++);
      if (manner === 'restless' && random() < 0.3) {
        listen('caller');
        listen('callee');
      } else {
        listen('mix');
      }
      const spoken = speak().catch((error: unknown) => {
        if (!(error instanceof WSSError)) anomalies.push(`speaking in ${callId}: ${String(error)}`);
      });
      const settled = settle(spoken);
      await act();
      await settled;
    },
  };
}
