import { type Bridge, bridgeCall, type LiveModel, type TurnOutcome } from '@agentao/agent';
import type { AppParts } from '@agentao/business/app';
import type { BusinessHours } from '@agentao/business/hours';
import { type ActiveCall, type CallHandler, WSSCallCommandError } from '@agentao/calls';
import { createMessageRecorder, type RecordedMessage } from './record-message.ts';
import type { MessageStore } from './store.ts';

/** What the app is made of. */
export interface OfficeParts extends AppParts<MessageStore> {
  readonly model: LiveModel;
  readonly hours: BusinessHours;
}

const instruction =
  'You are the answering machine of an office. Say only what you are asked to say, in a sentence or two.';
const greeting = 'The office is closed. Say so, and that the hash key ends a message, and ask for a message now.';
const silentInstruction = 'Listen, and say nothing.';
const ringTimeSeconds = 20;
/** Whoever goes on speaking over the greeting leaves a message without having heard it. */
const mostGreetings = 3;

const outcomes = {
  none: 'Say that you heard no message, and goodbye.',
  lost: 'Say that the message could not be kept, that you are sorry, and goodbye.',
  kept: 'The message is kept. Say so, that somebody will call back, and goodbye.',
};

/** A caller who was asked for a message, and the two conversations with the model. */
interface Asked {
  readonly outcome: TurnOutcome;
  readonly speaker: Bridge;
  /** Only writes down: what it says is heard by nobody. */
  readonly listening: Promise<Bridge | undefined>;
  /** What it has written down since the greeting. */
  readonly words: readonly string[];
}

/** Rings the office while it is open. Nobody there, or closed: the caller leaves a message, which is kept before anything else is done with it. */
export function createApp({ model, clock, store, notify, hours }: OfficeParts): { readonly handler: CallHandler } {
  const handler = async (call: ActiveCall): Promise<void> => {
    if (hours.isOpen(new Date(clock.wallTime())) && (await isTaken(call))) return call.close();
    if (call.signal.aborted) return;
    const recorder = createMessageRecorder(call);
    let asked = await ask(call);
    for (let times = 1; asked?.outcome === 'interrupted' && times < mostGreetings; times++) {
      void asked.listening.then((bridge) => bridge?.close());
      await asked.speaker.close();
      await recorder.quiet();
      asked = await ask(call);
    }
    // What is said before the greeting was heard is no message.
    if (asked === undefined || call.signal.aborted) return;
    const outcome = await keep(call, await recorder.message());
    const { speaker, words } = asked;
    const listener = await asked.listening;
    if (listener !== undefined) listener.active = false;
    speaker.active = true;
    await say(speaker, outcomes[outcome]);
    await listener?.close();
    if (outcome === 'kept') await passOn(call, words.join(' '));
    await call.disconnect();
  };

  /** Asks for a message in new conversations, which know nothing of earlier ones. `undefined` where the call ends before that. */
  const ask = async (call: ActiveCall): Promise<Asked | undefined> => {
    const words: string[] = [];
    const listening = bridgeCall(call, model, {
      instruction: silentInstruction,
      listen: 'caller',
      onAudio: () => {},
      onTranscript: ({ speaker, text, final }) => speaker === 'caller' && final && words.push(text),
    }).catch(() => undefined);
    try {
      const speaker = await bridgeCall(call, model, { instruction });
      const outcome = await say(speaker, greeting, call.state === 'PENDING' ? () => call.answer() : undefined);
      speaker.active = false;
      words.length = 0;
      return { outcome, speaker, listening, words };
    } catch (error) {
      if (call.signal.aborted) return undefined;
      throw error;
    }
  };

  /** Keeps the message before anything else is done with it. */
  const keep = async (call: ActiveCall, message: RecordedMessage | undefined): Promise<keyof typeof outcomes> => {
    if (message === undefined) return 'none';
    const { callId, callerNumber: caller } = call;
    const { wav, ...about } = message;
    try {
      await store.save({ callId, caller, ...about }, wav);
      return 'kept';
    } catch {
      void notify.send({ text: `A message of ${caller || 'somebody'} could not be kept.` });
      return 'lost';
    }
  };

  /** Writes down what was said, and tells somebody. */
  const passOn = async ({ callId, callerNumber: caller }: ActiveCall, transcript: string): Promise<void> => {
    if (transcript !== '') await store.transcribe(callId, transcript).catch(() => {});
    const text = `A message of ${caller || 'somebody'}: ${transcript || 'see the recording'}`;
    void notify.send({ text, data: { callId } });
  };

  return { handler };
}

/** Whether somebody in the office picks up. */
async function isTaken(call: ActiveCall): Promise<boolean> {
  try {
    await call.connect({ ringTimeSeconds });
    return true;
  } catch (error) {
    if (error instanceof WSSCallCommandError) return false;
    if (call.signal.aborted) return false;
    throw error;
  }
}

/** Has the model say something, and waits until it was heard, or interrupted. */
async function say(bridge: Bridge, what: string, begin?: () => Promise<void>): Promise<TurnOutcome> {
  bridge.sendText(what);
  if (begin !== undefined) {
    await bridge.firstSound;
    await begin();
  }
  return bridge.turnHeard();
}
