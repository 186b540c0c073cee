/** How a local model sounds. */
export interface Voice {
  readonly name: string;
  readonly sampleRateHz: number;
  /** The whole sentence as 16-bit mono PCM, and, where it is known, when each word ends. */
  speak(text: string, options: { readonly signal: AbortSignal }): Promise<SpokenSentence>;
}

/** A sentence as sound. */
export interface SpokenSentence {
  readonly samples: Int16Array;
  /** One entry a word of the text, in ms from the start; empty where unknown. */
  readonly wordEndsMs: readonly number[];
}
