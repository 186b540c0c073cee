import { endCall, handOff, type LiveModel, voiceAgent } from '@agentao/agent';
import type { AppParts } from '@agentao/business/app';
import { normalisePhoneNumber } from '@agentao/business/phone-numbers';
import type { ActiveCall, CallHandler } from '@agentao/calls';
import type { Customer, CustomerStore } from './store.ts';

/** What the app is made of. */
export interface ServiceDeskParts extends AppParts<CustomerStore> {
  readonly model: LiveModel;
  /** Where numbers without a country are from. Default `US`. */
  readonly country?: string;
}

const task = `You answer the service desk of a software company. You know who calls from the look-up below; ask for nothing that it tells.
Tell the state of their tickets. When somebody wants more than that, hand the call off; otherwise say goodbye.
On the keypad 1 is yes and 0 asks for a person.`;

/** A service desk that knows who calls before it answers. */
export function createApp({ model, store, notify, country = 'US' }: ServiceDeskParts): {
  readonly handler: CallHandler;
} {
  const tools = [handOff({ ringTimeSeconds: 20 }), endCall()];

  /** Runs while it rings. A look-up that fails is a caller who is not known. */
  const lookUp = async (call: ActiveCall): Promise<Customer | undefined> => {
    const number = normalisePhoneNumber(call.callerNumber, { country });
    if (number === undefined) return undefined;
    try {
      const customer = await store.find(number);
      if (customer === undefined && (await store.addLead(number))) {
        void notify.send({ text: `Somebody new has called: ${number}` });
      }
      return customer;
    } catch {
      void notify.send({ text: `The look-up of ${number} failed.` });
      return undefined;
    }
  };

  return {
    handler: async (call) => {
      const who = describe(await lookUp(call));
      const agent = voiceAgent({ model, instruction: `${task}\nThe look-up: ${who}`, greeting: `Greet ${who}`, tools });
      return agent(call);
    },
  };
}

function describe(customer: Customer | undefined): string {
  if (customer === undefined) return 'a caller who is not known.';
  const { name, openTickets } = customer;
  if (openTickets.length === 0) return `${name}, who has no open ticket.`;
  const what = openTickets.length === 1 ? 'open ticket' : 'open tickets';
  return `${name}, who has ${openTickets.length} ${what}: ${openTickets.join(', ')}.`;
}
