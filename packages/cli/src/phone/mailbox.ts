import { type Clock, withDeadline } from '@agentao/clock';
import type { PhoneSwitchMessage } from '@agentao/protocol';
import { PhoneError } from './phone-error.ts';

/** A message and when it came, on the clock. */
export type Received<Type extends PhoneSwitchMessage['type']> = Extract<PhoneSwitchMessage, { type: Type }> & {
  readonly receivedMs: number;
};

type Mail = PhoneSwitchMessage & { readonly receivedMs: number };

interface Waiter {
  readonly type: PhoneSwitchMessage['type'];
  readonly resolve: (mail: Mail) => void;
  readonly reject: (error: PhoneError) => void;
}

/** The messages of one phone in the order they came, each handed out once. Holds the latest 100 not yet asked for. */
export interface Mailbox {
  put(message: PhoneSwitchMessage): void;
  /** Every wait, now and later, fails with `error`; what came before it is still handed out. */
  close(error: PhoneError): void;
  /**
   * The next message of a type, which may be here already. Rejects with PhoneError when the time is up, the line ended,
   * the switch refused, or the socket is gone.
   */
  next<Type extends PhoneSwitchMessage['type']>(type: Type, withinMs: number): Promise<Received<Type>>;
}

const maxKept = 100;

/** Makes an empty mailbox of the phone with that number. */
export function createMailbox(clock: Clock, number: string): Mailbox {
  const kept: Mail[] = [];
  const waiters = new Set<Waiter>();
  let closed: PhoneError | undefined;

  const fits = (mail: Mail, waiter: Waiter): boolean => {
    const failure = mail.type === waiter.type ? undefined : failureOf(mail);
    if (mail.type !== waiter.type && !failure) return false;
    waiters.delete(waiter);
    if (failure) waiter.reject(failure);
    else waiter.resolve(mail);
    return true;
  };

  const wait = (waiter: Waiter): void => {
    const index = kept.findIndex((mail) => fits(mail, waiter));
    if (index >= 0) kept.splice(0, index + 1);
    else if (closed) waiter.reject(closed);
    else waiters.add(waiter);
  };

  return {
    put: (message) => {
      const mail: Mail = { ...message, receivedMs: clock.now() };
      for (const waiter of [...waiters]) if (fits(mail, waiter)) return;
      kept.push(mail);
      if (kept.length > maxKept) kept.shift();
    },
    close: (error) => {
      closed = error;
      for (const waiter of waiters) waiter.reject(error);
      waiters.clear();
    },
    next: async (type, withinMs) => {
      let waiter: Waiter | undefined;
      const mail = new Promise<Mail>((resolve, reject) => {
        waiter = { type, resolve, reject };
        wait(waiter);
      });
      const error = (): PhoneError => {
        if (waiter) waiters.delete(waiter);
        return new PhoneError('TIMEOUT', `${number} waited ${withinMs / 1000} s for "${type}" in vain`);
      };
      return (await withDeadline(clock, mail, { timeoutMs: withinMs, error })) as Received<typeof type>;
    },
  };
}

/** What a message means to whoever waits for another one. */
function failureOf(mail: Mail): PhoneError | undefined {
  if (mail.type === 'error') return new PhoneError('REFUSED', `${mail.message} (${mail.code})`);
  if (mail.type === 'ended') return new PhoneError('ENDED', `the call ended: ${mail.reason}, by the ${mail.by}`);
  return undefined;
}
