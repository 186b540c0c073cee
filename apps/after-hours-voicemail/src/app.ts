import { type Bridge, bridgeCall, type LiveModel } from '@agentao/agent';
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
const silentInstruction = 'Listen, and say nothing.';
const ringTimeSeconds = 20;

/** Rings the office while it is open. Nobody there, or closed: the caller leaves a message, which is kept before anything else is done with it. */
export function createApp({ model, clock, store, notify, hours }: OfficeParts): { readonly handler: CallHandler } {
  const handler = async (call: ActiveCall): Promise<void> => {
    if (hours.isOpen(new Date(clock.wallTime())) && (await isTaken(call))) return call.close();
    if (call.signal.aborted) return;
    const words: string[] = [];
    // A second conversation with the model that only writes down: what it says is heard by nobody.
    const listening = bridgeCall(call, model, {
      instruction: silentInstruction,
      listen: 'caller',
      onAudio: () => {},
      onTranscript: ({ speaker, text, final }) => speaker === 'caller' && final && words.push(text),
    }).catch(() => undefined);
    const speaker = await bridgeCall(call, model, { instruction });
    const recorder = createMessageRecorder(call);
    await say(speaker, 'The office is closed. Say so, and ask for a message.', () => call.answer());
    speaker.active = false;
    const outcome = await keep(call, await recorder.message(), async () => {
      await (await listening)?.close();
      return words.join(' ');
    });
    if (call.signal.aborted) return;
    speaker.active = true;
    await say(speaker, outcome);
    await call.disconnect();
  };

  /** Keeps the message, writes down what was said, tells somebody, and says what the caller is to hear. */
  const keep = async (
    call: ActiveCall,
    message: RecordedMessage | undefined,
    transcribe: () => Promise<string>,
  ): Promise<string> => {
    if (message === undefined) return 'Say that you heard no message, and goodbye.';
    const { callId, callerNumber: caller } = call;
    const { wav, ...about } = message;
    try {
      await store.save({ callId, caller, ...about }, wav);
    } catch {
      void notify.send({ text: `A message of ${caller || 'somebody'} could not be kept.` });
      return 'Say that the message could not be kept, that you are sorry, and goodbye.';
    }
    const transcript = await transcribe();
    if (transcript !== '') await store.transcribe(callId, transcript).catch(() => {});
    void notify.send({
      text: `A message of ${caller || 'somebody'}: ${transcript || 'see the recording'}`,
      data: { callId },
    });
    return 'The message is kept. Say so, that somebody will call back, and goodbye.';
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

/** Has the model say something, and waits until it was heard. */
async function say(bridge: Bridge, what: string, begin?: () => Promise<void>): Promise<void> {
  bridge.sendText(what);
  if (begin !== undefined) {
    await bridge.firstSound;
    await begin();
  }
  await bridge.turnHeard();
}
