import { defineTool, endCall, type LiveModel, type Tool, type Turn, voiceAgent } from '@agentao/agent';
import type { AppParts } from '@agentao/business/app';
import { normalisePhoneNumber } from '@agentao/business/phone-numbers';
import type { CallHandler } from '@agentao/calls';
import { z } from 'zod';
import type { Answer, NotificationStore, PendingNotification } from './store.ts';

/** What the app is made of. */
export interface ReaderParts extends AppParts<NotificationStore> {
  readonly model: LiveModel;
  /** Where numbers without a country are from. Default `US`. */
  readonly country?: string;
}

const instruction = `You read people what is new for them, one notification after another: call next_notification, read it out as it is, and ask
whether they have got it or want somebody to follow up. Call acknowledge or follow_up for what you read last. Say goodbye when nothing is left.
On the keypad 1 is yes, 2 asks for a follow-up, 3 for the same again.`;

const nothing = z.object({});

/** Reads callers what is new for them. What was not heard to its end stays new. */
export function createApp({ model, store, notify, country = 'US' }: ReaderParts): { readonly handler: CallHandler } {
  return {
    handler: async (call) => {
      const number = normalisePhoneNumber(call.callerNumber, { country });
      const reader = createReader({ number, store, notify });
      const agent = voiceAgent({
        model,
        instruction,
        greeting: 'Greet the caller.',
        tools: [...reader.tools, endCall()],
        onTurn: reader.spoken,
      });
      await agent(call);
    },
  };
}

/** What one call reads, and whether it was heard. */
function createReader({
  number,
  store,
  notify,
}: Pick<ReaderParts, 'store' | 'notify'> & { readonly number: string | undefined }): {
  readonly tools: readonly Tool[];
  readonly spoken: (turn: Turn) => void;
} {
  let reading: PendingNotification | undefined;
  let heard = false;

  const settle = async (answer: Answer, wish?: string): Promise<object> => {
    if (number === undefined || reading === undefined)
      throw new Error('nothing has been read yet; call next_notification');
    if (!heard) throw new Error('it was cut off before its end: read it again with next_notification');
    const { id, text } = reading;
    const isNew = await store.settle(number, id, { answer, ...(wish === undefined ? {} : { wish }) });
    if (isNew && answer === 'follow-up')
      void notify.send({ text: `${number} wants a follow-up on "${text}": ${wish}`, data: { number, id } });
    return { kept: isNew };
  };

  const tools = [
    defineTool({
      name: 'next_notification',
      description: 'The next notification to read out, and how many are left with it.',
      input: nothing,
      execute: async () => {
        const { notification, left } =
          number === undefined ? { notification: undefined, left: 0 } : await store.next(number);
        reading = notification;
        heard = false;
        return notification === undefined ? { left } : { left, text: notification.text };
      },
    }),
    defineTool({
      name: 'acknowledge',
      description: 'The caller has got what you read last.',
      input: nothing,
      execute: () => settle('acknowledged'),
    }),
    defineTool({
      name: 'follow_up',
      description: 'The caller wants somebody to see to what you read last.',
      input: z.object({ wish: z.string().min(1).describe('what the caller wants') }),
      execute: ({ wish }) => settle('follow-up', wish),
    }),
  ];
  return {
    tools,
    spoken: (turn) => {
      heard ||= reading !== undefined && wasHeard(reading.text, turn);
    },
  };
}

/** Whether a text was read and heard to its end: a turn that was cut off has to go on behind it. Models change a word here and there, hence half of them. */
function wasHeard(text: string, { heardText, interrupted }: Turn): boolean {
  const words = wordsOf(text);
  const heard = wordsOf(heardText);
  const wereHeard = words.filter((word) => heard.includes(word)).length * 2 >= words.length;
  const end = heard.lastIndexOf(words.at(-1) ?? '');
  return wereHeard && (!interrupted || (end >= 0 && end < heard.length - 1));
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
