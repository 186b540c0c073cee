/** Name under which the processor is registered. */
export const handsetProcessorName = 'agentao-handset';

/** Rate of all audio between the processor and the page, in Hz. */
export const lineRateHz = 24_000;

/** Samples of one frame from the microphone: 20 ms. */
export const frameSamples = 480;

/** Page -> processor. */
export type HandsetOrder =
  /** Whether frames of the microphone are wanted. Levels come in either case. */
  | { readonly type: 'listen'; readonly on: boolean }
  | { readonly type: 'mute'; readonly on: boolean }
  /** Audio of the line; the buffer is transferred. */
  | { readonly type: 'play'; readonly samples: Int16Array<ArrayBuffer>; readonly position: number }
  /** Nothing of what came so far is played any more; positions count anew. */
  | { readonly type: 'hush' }
  /** The processor is not needed any more. */
  | { readonly type: 'end' };

/** Processor -> page. */
export type HandsetReport =
  /** The next 20 ms of the microphone; the buffer is transferred. */
  | { readonly type: 'frame'; readonly samples: Int16Array<ArrayBuffer> }
  /** About 17 times a second, in dBFS. */
  | { readonly type: 'levels'; readonly spokenDb: number; readonly heardDb: number };
