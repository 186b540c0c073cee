import type { CallParty } from './hearing-words.ts';

/** One way that speech can take, drawn from the speaker to the hearer. */
export interface Cord {
  readonly speaker: CallParty;
  readonly hearer: CallParty;
  readonly path: string;
}

/** Size of the picture; the parties stand at its corners by `hearing.css`: agent on top, caller left, callee right. */
export const picture = { width: 300, height: 196 } as const;

/** All six ways, as SVG paths that end short of the hearer by the length of an arrow's tip. */
export const cords: readonly Cord[] = [
  { speaker: 'caller', hearer: 'callee', path: 'M 104 158 Q 150 150 194 157' },
  { speaker: 'callee', hearer: 'caller', path: 'M 196 180 Q 150 188 106 181' },
  { speaker: 'caller', hearer: 'agent', path: 'M 26 138 Q 34 64 92 30' },
  { speaker: 'agent', hearer: 'caller', path: 'M 116 58 Q 100 104 66 136' },
  { speaker: 'callee', hearer: 'agent', path: 'M 274 138 Q 266 64 208 30' },
  { speaker: 'agent', hearer: 'callee', path: 'M 184 58 Q 200 104 234 136' },
];
