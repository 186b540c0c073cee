import { agentaoCommand } from '../agentao-command.ts';
import type { DoorState } from '../../session/session.ts';

/** Why nobody is signed in, and the way back; `command` is what to type for it. */
export interface DoorWords {
  readonly title: string;
  readonly text: string;
  readonly command?: string;
}

const newLink = { command: `${agentaoCommand} console` } as const;

/** What the page says while there is no session. */
export function doorWords(state: Exclude<DoorState, { readonly name: 'signed-in' }>): DoorWords {
  switch (state.name) {
    case 'signing-in':
      return { title: 'Signing in', text: 'The switch is asked who you are.' };
    case 'unreachable':
      return {
        title: 'The switch does not answer',
        text: 'It has stopped, or cannot be reached from here. This page goes on by itself as soon as it answers.',
      };
    case 'signed-out':
      return signedOutWords(state.why);
  }
}

function signedOutWords(why: Extract<DoorState, { readonly name: 'signed-out' }>['why']): DoorWords {
  switch (why) {
    case 'no-link':
      return {
        title: 'Not signed in',
        text: 'Open the link that agentao start or dev printed, or make a new one:',
        ...newLink,
      };
    case 'link-used':
      return {
        title: 'This link does not work any more',
        text: 'A link works once, and not for long. Make a new one:',
        ...newLink,
      };
    case 'session-over':
      return { title: 'The session is over', text: 'To go on, open a new link:', ...newLink };
    case 'signed-out':
      return { title: 'Signed out', text: 'To come back, open a new link:', ...newLink };
  }
}
