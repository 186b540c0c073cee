import type { Party } from '@agentao/protocol';
import type { Conference } from '../media/conference.ts';

/** The lines of a call, and who hears whom on them. */
export interface KeyLines {
  readonly caller: KeyLine;
  readonly callee: KeyLine;
  readonly conference: Pick<Conference, 'matrix'>;
}

/** Where keys are played to. */
export interface KeyLine {
  sendDtmf(digits: string): void;
}

/** Plays keys to the people who hear the one who pressed them. */
export function sendKeys(from: Party | 'agent', digits: string, { caller, callee, conference }: KeyLines): void {
  const { matrix } = conference;
  if (from !== 'caller' && matrix[from].caller !== 0) caller.sendDtmf(digits);
  if (from !== 'callee' && matrix[from].callee !== 0) callee.sendDtmf(digits);
}
