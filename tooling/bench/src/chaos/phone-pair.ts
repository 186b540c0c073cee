import { type Clock, type Timer, type Wheel } from '@agentao/clock';
import type { SocketFactory } from '@agentao/transport';
import type { PairPlan, PairReport } from './messages.ts';
import { openPhone, type Phone } from './phone.ts';
import type { PhoneMessage } from './phone-wire.ts';
import { numbersOf, type VoiceRole, voiceOf } from './voices.ts';

/** What phones share. */
export interface PhoneSite {
  readonly url: string;
  readonly operatorToken: string;
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly connect: SocketFactory;
}

/** A caller and a callee in the middle of their call. */
export interface Pair {
  /** Resolves when both are done, whatever came of it. */
  readonly over: Promise<PairReport>;
  /** The phones whose socket is open. */
  readonly phones: readonly Phone[];
  /** The caller hangs up, if that is sooner than planned. */
  finish(withinMs: number): void;
}

/** How long an end may be on its way to a phone: longer than any stall that the bench makes. */
const endWithinMs = 20_000;

/** Has the two of them do what the plan says. */
export function startPair(plan: PairPlan, site: PhoneSite): Pair {
  const { clock } = site;
  const { serial, slot, line } = plan;
  const numbers = numbersOf(slot, serial, line);
  const timers = new Set<Timer>();
  let caller: Phone | undefined;
  let callee: Phone | undefined;
  let callId: string | undefined;
  let refusal: string | undefined;
  let finishMs = Number.POSITIVE_INFINITY;
  let waiting: (() => void) | undefined;
  const changed = (): void => waiting?.();

  const after = (ms: number, act: () => void): void => {
    timers.add(clock.setTimer(clock.now() + ms, act));
  };
  const open = (role: VoiceRole & ('caller' | 'callee'), onMessage: (message: PhoneMessage) => void): Promise<Phone> =>
    openPhone({
      ...site,
      number: numbers[role],
      voice: voiceOf(slot, role),
      onMessage: (message) => {
        if (message !== undefined) onMessage(message);
        changed();
      },
    });

  const heardByCaller = (message: PhoneMessage): void => {
    if (message.type === 'dialing') ({ callId } = message);
    // One that comes later is a verb that has crossed the end of the call.
    if (message.type === 'error' && callId === undefined) refusal ??= message.code;
    if (message.type === 'answered' && plan.pressAfterMs !== undefined) {
      after(plan.pressAfterMs, () => press(caller));
    }
  };
  const heardByCallee = (message: PhoneMessage): void => {
    if (message.type === 'incoming') {
      after(plan.answerAfterMs, () => {
        if (plan.callee === 'answers' && callee?.busy) callee.send({ type: 'answer' });
        if (plan.callee === 'rejects' && callee?.busy) callee.send({ type: 'reject' });
      });
    }
    if (message.type === 'answered' && plan.calleeTalkMs !== undefined) {
      after(plan.calleeTalkMs, () => {
        if (callee?.busy) callee.send({ type: 'hangup' });
      });
    }
  };
  const press = (phone: Phone | undefined): void => {
    if (phone?.busy) phone.send({ type: 'dtmf', digit: '5' });
  };

  /** Resolves when `holds`, true; or, at `untilMs`, with false. */
  const until = async (holds: () => boolean, untilMs: () => number): Promise<boolean> => {
    while (!holds()) {
      if (clock.now() >= untilMs()) return false;
      await new Promise<void>((resolve) => {
        const timer = clock.setTimer(Math.min(untilMs(), clock.now() + 1_000), resolve);
        waiting = () => {
          timer.cancel();
          resolve();
        };
      });
    }
    return true;
  };
  const free = (phone: Phone | undefined): boolean => phone === undefined || !phone.busy;

  const run = async (): Promise<PairReport> => {
    const anomalies: string[] = [];
    try {
      if (plan.callee !== 'absent') callee = await open('callee', heardByCallee);
      caller = await open('caller', heardByCaller);
      const dialledMs = clock.now();
      caller.send({ type: 'dial', to: numbers.callee });
      const { open: dialled } = caller;
      await until(
        () => callId !== undefined || refusal !== undefined || !caller?.open,
        () => dialledMs + endWithinMs,
      );
      const hangUpMs = (): number => Math.min(dialledMs + plan.lifeMs, finishMs);
      if (callId !== undefined) await until(() => free(caller), hangUpMs);
      if (!free(caller)) caller.send({ type: 'hangup' });
      const lateMs = clock.now() + endWithinMs;
      for (const [name, phone] of [
        ['caller', caller],
        ['callee', callee],
      ] as const) {
        const told = await until(
          () => free(phone),
          () => lateMs,
        );
        if (!told) anomalies.push(`the ${name} of ${callId} is not told the end`);
      }
      if (!dialled) refusal ??= 'LOST';
    } catch (error) {
      refusal ??= error instanceof Error ? error.message : String(error);
    }
    for (const timer of timers) timer.cancel();
    const [callerReport, calleeReport] = [caller?.report(), callee?.report()];
    caller?.close();
    callee?.close();
    return {
      type: 'pair',
      serial,
      ...(callId === undefined ? {} : { callId }),
      ...(refusal === undefined ? {} : { refusal }),
      ...(callerReport && { caller: { ...callerReport, anomalies: [...callerReport.anomalies, ...anomalies] } }),
      ...(calleeReport && { callee: calleeReport }),
    };
  };

  return {
    over: run(),
    get phones() {
      return [caller, callee].filter((phone) => phone?.open === true) as Phone[];
    },
    finish: (withinMs) => {
      finishMs = clock.now() + withinMs;
      changed();
    },
  };
}
