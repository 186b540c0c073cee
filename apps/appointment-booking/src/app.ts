import { defineTool, endCall, handOff, type LiveModel, type Tool, voiceAgent } from '@agentao/agent';
import type { AppParts } from '@agentao/business/app';
import type { BusinessHours } from '@agentao/business/hours';
import type { ActiveCall, CallHandler } from '@agentao/calls';
import { z } from 'zod';
import type { SlotStore } from './store.ts';

/** What the app is made of. */
export interface FrontDeskParts extends AppParts<SlotStore> {
  readonly model: LiveModel;
  readonly hours: BusinessHours;
}

const instruction = `You are the front desk of a practice. Offer what free_slots gives and book what the caller chooses with book.
Never say that something is booked before book has answered so. Nothing free, or a caller who wants a person: hand the call off.`;

const ordinals = ['first', 'second', 'third'] as const;

/** A front desk that sells each slot once. */
export function createApp({ model, clock, store, notify, hours }: FrontDeskParts): { readonly handler: CallHandler } {
  const now = (): Date => new Date(clock.wallTime());

  const toolsFor = (call: ActiveCall): readonly Tool[] => {
    let offered: readonly Date[] = [];
    const offer = async (): Promise<{
      readonly count: number;
      readonly spoken: string;
      readonly starts: readonly string[];
    }> => {
      offered = await store.free(now(), ordinals.length);
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
          const outcome = await store.book(wanted, call.callerNumber);
          if (outcome !== 'booked')
            return refused(outcome === 'taken' ? 'that one has just been taken' : 'there is no such time');
          void notify.send({ to: call.callerNumber, text: `Your appointment: ${spoken(wanted)}.` });
          return { booked: true, start: wanted.toISOString(), spoken: spoken(wanted) };
        },
      }),
      handOff({ ringTimeSeconds: 20 }),
      endCall(),
    ];
  };

  return {
    handler: async (call) => {
      // A name is a courtesy: without one the caller is greeted all the same.
      const name = (await store.nameOf(call.callerNumber).catch(() => undefined)) ?? 'caller';
      await voiceAgent({ model, instruction, greeting: `Greet ${name}.`, tools: toolsFor(call) })(call);
    },
  };
}

/** `Monday at 10:00`, in UTC. */
function spoken(start: Date): string {
  const day = start.toLocaleDateString('en-GB', { weekday: 'long', timeZone: 'UTC' });
  return `${day} at ${start.toISOString().slice(11, 16)}`;
}
