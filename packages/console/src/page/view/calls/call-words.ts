import { endingWords } from '../ending-words.ts';
import { showDuration } from '../show-time.ts';
import type { WatchedCall } from '../../monitor/monitor.ts';

/** The lamp of a call: blinking while it waits or rings, steady while people hear each other, dark when it has ended. */
export function callLamp(call: WatchedCall): 'off' | 'live' | 'wait' {
  if (call.ending !== undefined) return 'off';
  return call.ringing || call.state === 'PENDING' ? 'wait' : 'live';
}

/** Where a call stands, in a word or two; of one that has ended, how it did. */
export function callStateWords({ ending, state, ringing }: WatchedCall): string {
  if (ending !== undefined) return capital(endingWords(ending.reason, ending.by));
  switch (state) {
    case 'PENDING':
      return 'Pending';
    case 'ANSWERED':
      return 'Answered';
    case 'CONNECTED':
      return 'Connected';
    case 'DISCONNECTED':
      return ringing ? 'No agent' : 'Without agent';
  }
}

/** How long a call has lasted, or lasted. */
export function callDuration({ startedAtMs, ending }: WatchedCall, nowMs: number): string {
  return showDuration(ending?.atMs ?? nowMs - startedAtMs);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
