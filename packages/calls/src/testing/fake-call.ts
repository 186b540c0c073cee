import { createSystemClock } from '@agentao/clock';
import { BehaviorSubject, Subject } from 'rxjs';
import type { AgentState } from '@agentao/protocol';
import type { ActiveCall } from '../active-call.ts';
import type { AnyCallEvent } from '../events.ts';

/** A call that is nothing but what a test makes of it. */
export interface FakeCall {
  readonly call: ActiveCall;
  readonly events: Subject<AnyCallEvent>;
  become(state: AgentState): void;
}

/** Makes a call by the interface alone, as a user's test may. Its verbs do nothing. */
export function createFakeCall(callId: string = 'fake'): FakeCall {
  const states = new BehaviorSubject<AgentState>('PENDING');
  const events = new Subject<AnyCallEvent>();
  const done = (): Promise<void> => Promise.resolve();
  const call: ActiveCall = {
    callId,
    callerNumber: '',
    calleeNumber: '+15559999',
    direction: 'MT',
    sampleRateHz: 24_000,
    clock: createSystemClock(globalThis),
    get state() {
      return states.value;
    },
    mode: null,
    state$: states.asObservable(),
    events$: events.asObservable(),
    ended: new Promise(() => undefined),
    signal: new AbortController().signal,
    answer: done,
    connect: done,
    whisper: done,
    barge: done,
    spy: done,
    disconnect: done,
    close: done,
    forceDisconnect: done,
    sendDtmf: done,
    sendAudio: done,
    clearSendAudioBuffer: () => Promise.resolve({ clearedSamples: 0, playedSamples: 0 }),
    getSendAudioBufferSize: () => 0,
    queuedSamples: 0,
    playedSamples: 0,
    play: () => Promise.resolve('played'),
    waitForPlayout: () => Promise.resolve('played'),
    audioStream: async function* () {},
    audio$: () => new Subject(),
    on: () => () => undefined,
    takenOver: false,
    context: null,
    setContext: done,
    annotate: done,
    [Symbol.asyncDispose]: done,
  };
  return { call, events, become: (state) => states.next(state) };
}
