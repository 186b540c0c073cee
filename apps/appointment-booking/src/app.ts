import { defineTool, endCall, handOff, type LiveModel, type Tool, voiceAgent } from '@agentao/agent';
import type { AppParts } from '@agentao/business/app';
import type { BusinessHours } from '@agentao/business/hours';
import { normalisePhoneNumber } from '@agentao/business/phone-numbers';
import type { ActiveCall, CallHandler } from '@agentao/calls';
import { z } from 'zod';
import type { SlotStore } from './store.ts';

/** What the app is made of. */
export interface FrontDeskParts extends AppParts<SlotStore> {
  readonly model: LiveModel;
  /** Times are said in their zone. */
  readonly hours: BusinessHours;
  /** Where numbers without a country are from. Default `US`. */
  readonly country?: string;
}

const instruction = `You are the front desk of a practice. Offer what free_slots gives and book what the caller chooses with book.
Never say that something is booked before book has answered so. Nothing free, or a caller who wants a person: hand the call off.
On the keypad 1, 2 and 3 are what was offered, by its place, and 0 asks for a person.`;

const ordinals = ['first', 'second', 'third'] as const;

/** A front desk that sells each slot once. */
export function createApp({ model, clock, store, notify, hours, country = 'US' }: FrontDeskParts): {
  readonly handler: CallHandler;
} {
  const now = (): Date => new Date(clock.wallTime());
  const spoken = (start: Date): string => spokenTime(start, hours.timeZone);

  const toolsFor = ({ callId }: ActiveCall, number: string | undefined): readonly Tool[] => {
    let offered: readonly Date[] = [];
    const offer = async (): Promise<{
      readonly count: number;
      readonly spoken: string;
      readonly starts: readonly string[];
    }> => {
      const free = await store.free(now());
      offered = free.filter(hours.isOpen).slice(0, ordinals.length);
      return {
        count: offered.length,
        spoken: offered.map(spoken).join(', '),
        starts: offered.map((start) => start.toISOString()),
      };
    };
    const refused = async (reason: string): Promise<object> => ({ booked: false, reason, ...(await offer()) });

    return [
      defineTool({
        name: 'free_slots',
        description: 'The next slots that are free.',
        input: z.object({}),
        execute: offer,
      }),
      defineTool({
        name: 'book',
        description: 'Books a slot for the caller: one that was offered, by its place, or another one by its start.',
        input: z.object({
          choice: z.enum(ordinals).optional().describe('which of those that were offered last'),
          start: z.iso.datetime().optional().describe('its start, in UTC'),
        }),
        execute: async ({ choice, start }) => {
          const wanted = choice === undefined ? start && new Date(start) : offered[ordinals.indexOf(choice)];
          if (!wanted) return refused('I do not know which one you mean');
          if (wanted <= now()) return refused('that is in the past');
          if (!hours.isOpen(wanted)) return refused('we are closed then');
          const outcome = await store.book(wanted, { callId, caller: number ?? null });
          if (outcome === 'taken') return refused('that one has just been taken');
          if (outcome === 'unknown') return refused('there is no such time');
          const message = number !== undefined;
          if (message && outcome === 'booked')
            void notify.send({ to: number, text: `Your appointment: ${spoken(wanted)}.` });
          return { booked: true, start: wanted.toISOString(), spoken: spoken(wanted), message };
        },
      }),
      handOff({ ringTimeSeconds: 20 }),
      endCall(),
    ];
  };

  return {
    handler: async (call) => {
      // A name is a courtesy: without one the caller is greeted all the same.
      const number = normalisePhoneNumber(call.callerNumber, { country });
      const name = (number && (await store.nameOf(number).catch(() => undefined))) ?? 'caller';
      return voiceAgent({ model, instruction, greeting: `Greet ${name}.`, tools: toolsFor(call, number) })(call);
    },
  };
}

/** `Monday at 10:00`. */
function spokenTime(start: Date, timeZone: string): string {
  const day = start.toLocaleDateString('en-GB', { weekday: 'long', timeZone });
  return `${day} at ${start.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone })}`;
}
