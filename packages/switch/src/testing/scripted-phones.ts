import type { Clock } from '@agentao/clock';
import type { LegHost, LegProvider } from '../legs/leg.ts';
import { createPhoneLine, type Phone, type PhoneLine, type PhoneOptions } from './scripted-phone.ts';

/** A leg provider whose phones are moved by a test. */
export interface ScriptedPhones extends LegProvider {
  /** The phone with that number; made at the first mention, with `options`. */
  phone(number: string, options?: PhoneOptions): Phone;
}

/** Makes a provider without phones. Phones live in this process; nothing is sent anywhere. */
export function createScriptedPhones({ clock }: { readonly clock: Clock }): ScriptedPhones {
  const lines = new Map<string, PhoneLine>();
  let host: LegHost | undefined;

  return {
    name: 'scripted',
    start(to) {
      host = to;
    },
    ring: ({ number, from }) => lines.get(number)?.ring(from),
    close() {
      for (const { phone } of lines.values()) phone.hangUp();
      return Promise.resolve();
    },
    phone(number, options = {}) {
      const known = lines.get(number);
      if (known !== undefined) return known.phone;
      const line = createPhoneLine(number, {
        ...options,
        clock,
        host: () => {
          if (host === undefined) throw new Error('the switch has not started these phones yet');
          return host;
        },
      });
      lines.set(number, line);
      return line.phone;
    },
  };
}
