import { tidied } from './tidy-text.ts';

/** Words of a turn as the model gave them out, with when they end in its sound, where that is known. */
export interface SpokenText {
  readonly text: string;
  /** From the first sound of the turn. */
  readonly endsAtMs?: number;
}

/** What of a turn was heard, and whether that is a guess. */
export interface HeardText {
  readonly heardText: string;
  readonly estimated: boolean;
}

/**
 * The words that had been spoken after `heardMs` of a turn whose sound was `audioMs` long. Exact to the word where every piece says when it ends;
 * else words are taken to be spread evenly over the sound.
 */
export function heardText(
  pieces: readonly SpokenText[],
  { heardMs, audioMs }: { readonly heardMs: number; readonly audioMs: number },
): HeardText {
  if (pieces.every(({ endsAtMs }) => endsAtMs !== undefined)) {
    const heard = pieces.filter(({ endsAtMs = Infinity }) => endsAtMs <= heardMs);
    return { heardText: joined(heard), estimated: false };
  }
  const words = joined(pieces).split(' ').filter(Boolean);
  const share = audioMs <= 0 ? 0 : Math.min(1, heardMs / audioMs);
  return { heardText: words.slice(0, Math.floor(words.length * share)).join(' '), estimated: true };
}

/** The text of some pieces, with single spaces. */
export function joined(pieces: readonly SpokenText[]): string {
  return tidied(pieces.map(({ text }) => text).join(''));
}

/** How a model is told that it was cut off. */
export function interruptionNote(heard: string): string {
  return heard === ''
    ? '[The caller interrupted you before anything of your last answer was heard.]'
    : `[The caller interrupted you. Of your last answer only this was heard: "${heard}"]`;
}
