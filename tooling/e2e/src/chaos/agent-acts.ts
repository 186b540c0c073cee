import { WSSCallCommandTimeoutError } from '@agentao/calls';
import type { AgentAct } from './plan.ts';
import type { Ledger } from './ledger.ts';
import type { WatchedCall } from './watched-call.ts';
import { voices } from './witness.ts';

/** What the verbs of all agents are done with. */
export interface Stage {
  readonly ledger: Ledger;
  nowMs(): number;
  /** When something last went wrong with the network of a client, so far as a plan does it. */
  faultMs(client: number): number;
  /** How often each verb was used, by anybody. */
  readonly used: Map<string, number>;
  /** The number that was last known to be stored as the context of each call. */
  readonly contexts: Map<string, number>;
  /** A signal that aborts so much later; `undefined` for `undefined`. */
  abortAfter(ms: number | undefined): AbortSignal | undefined;
  /** Another number each time, five digits long. */
  nextNumber(): number;
}

/** So long after a resume, and after the last fault, whatever was lost with the connection has been answered. */
const settledMs = 4_000;

/** Has the agent do it. */
export function actAsAgent(watched: WatchedCall, act: AgentAct, stage: Stage): void {
  const { ledger, used, abortAfter, nextNumber } = stage;
  const { call, client, done } = watched;
  const what = `${act.do} of ${call.callId} at client ${client}`;
  const track = <T>(promise: Promise<T>, succeeded?: (value: T) => void): void => {
    used.set(act.do, (used.get(act.do) ?? 0) + 1);
    const sinceMs = stage.nowMs();
    ledger.track(
      {
        client,
        what,
        succeeded: (value: T) => {
          done.set(act.do, (done.get(act.do) ?? 0) + 1);
          succeeded?.(value);
        },
        failed: (error) => {
          const { resumedMs = -1 } = watched;
          const quietMs = stage.nowMs() - Math.max(resumedMs, stage.faultMs(client));
          const excused = !(error instanceof WSSCallCommandTimeoutError) || resumedMs < sinceMs || quietMs < settledMs;
          if (!excused) ledger.complaints.push(`${what} had no answer, ${quietMs} ms after all was well again`);
        },
      },
      promise,
    );
  };
  const speech = (ms: number): Int16Array => new Int16Array((ms * call.sampleRateHz) / 1_000).fill(voices.agent);
  const given = (signal: AbortSignal | undefined): { signal?: AbortSignal } => (signal === undefined ? {} : { signal });

  switch (act.do) {
    case 'answer':
    case 'close':
    case 'disconnect':
      return track(call[act.do]());
    case 'handOver':
      return track(call.close({ handOver: true }));
    case 'forceDisconnect':
      if (call.state !== 'DISCONNECTED') watched.forced = true;
      return track(call.forceDisconnect());
    case 'clear':
      return track(call.clearSendAudioBuffer(), ({ clearedSamples, playedSamples }) => {
        if (clearedSamples < 0 || playedSamples > call.queuedSamples) ledger.complaints.push(`${what} took too much`);
      });
    case 'setContext': {
      const number = nextNumber();
      return track(call.setContext({ number }), () => void stage.contexts.set(call.callId, number));
    }
    case 'annotate':
      return track(call.annotate('note', { number: nextNumber() }));
    case 'dtmf':
      return track(call.sendDtmf(String(nextNumber())));
    case 'connect': {
      const { ringTimeSeconds, mode, abortAfterMs } = act;
      return track(call.connect({ ringTimeSeconds, mode, ...given(abortAfter(abortAfterMs)) }));
    }
    case 'mode':
      return track(call[act.mode]({ [act.how]: true }), () => {
        if (!watched.modes.has(act.mode)) ledger.complaints.push(`${what}: ${act.mode} succeeded and never was`);
      });
    case 'say':
      return track(call.sendAudio(speech(act.ms), { wait: act.wait, ...given(abortAfter(act.abortAfterMs)) }));
    case 'play':
      return track(call.play(speech(act.ms), given(abortAfter(act.abortAfterMs))));
    case 'waitForPlayout':
      return track(call.waitForPlayout(act.timeoutMs === undefined ? {} : { timeoutMs: act.timeoutMs }));
    case 'listen':
      return track(listen(watched, act.party, abortAfter(act.forMs)));
  }
}

/** Reads until the call ends or the signal says so; positions never go back. */
async function listen(
  { call }: WatchedCall,
  party: 'mix' | 'caller' | 'callee',
  signal: AbortSignal | undefined,
): Promise<void> {
  let next = 0;
  for await (const { positionSamples, samples } of call.audioStream({ party, ...(signal && { signal }) })) {
    if (positionSamples < next) throw new Error(`${party} goes back from ${next} to ${positionSamples}`);
    next = positionSamples + samples.length;
  }
}
