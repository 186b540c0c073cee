import { endingWords } from '../ending-words.ts';
import { showDuration } from '../show-time.ts';
import type { EndedCall, LineState } from '../../softphone/softphone.ts';

/** Whose phone it is. */
export type PhoneParty = 'caller' | 'callee';

/** What a phone is for: whose it is, and whether it may dial. */
export interface PhoneUse {
  readonly party: PhoneParty;
  readonly dials: boolean;
}

/** The lamp of a phone: dark, steady, blinking. */
export function lineLamp(line: LineState): 'off' | 'live' | 'wait' {
  switch (line.name) {
    case 'unplugged':
      return 'off';
    case 'idle':
    case 'talking':
      return 'live';
    case 'connecting':
    case 'dialing':
    case 'ringing':
      return 'wait';
  }
}

/** The state of a line in one or two words. */
export function lineTitle(line: LineState): string {
  switch (line.name) {
    case 'unplugged':
      return 'Not plugged in';
    case 'connecting':
      return line.attempt > 1 ? `Connecting, attempt ${line.attempt}` : 'Connecting';
    case 'idle':
      return 'Ready';
    case 'dialing':
      return 'Calling';
    case 'ringing':
      return 'Ringing';
    case 'talking':
      return 'On a call';
  }
}

/** What else there is to say while no peer is shown: a problem before anything else, then the last call. */
export function lineHint(line: LineState, { party, dials }: PhoneUse): string {
  if ('problem' in line && line.problem !== undefined) return line.problem;
  if (line.name === 'unplugged') {
    return dials ? 'This phone calls the agent’s number.' : 'The agent can ring this phone into the call.';
  }
  if (line.name !== 'idle') return '';
  if (line.lastCall !== undefined) return lastCallWords(line.lastCall, party);
  return dials ? 'Dial the agent’s number.' : 'The agent can ring this phone now.';
}

/** One line below the buttons. */
export function actionHint(line: LineState, { dials }: PhoneUse): string {
  switch (line.name) {
    case 'unplugged':
      return 'Asks for the microphone first.';
    case 'dialing':
      return 'Waits for an answer.';
    case 'ringing':
      return 'Answer to join the call.';
    case 'talking':
      return 'Digits of the keyboard work, too. Text is spoken in tones: for a local model.';
    case 'idle':
      return dials && line.lastCall === undefined ? 'Your agent answers this number.' : '';
    case 'connecting':
      return '';
  }
}

/** How the last call ended: `Last call: you hung up, after 1:23`. */
export function lastCallWords(call: EndedCall, you: PhoneParty): string {
  if (call.problem !== undefined) return `Last call: ${call.problem}`;
  const ending = `Last call: ${endingWords(call.how, call.by, { you })}`;
  return call.talkedMs > 0 ? `${ending}, after ${showDuration(call.talkedMs)}` : ending;
}
