/** Name under which the processor is registered. */
export const handsetProcessorName = 'agentao-handset';

/** Rate of all audio between the processor and the line, in Hz. */
export const lineRateHz = 24_000;

/** Samples of one frame from the microphone: 20 ms. */
export const frameSamples = 480;

/** Page -> processor. */
export type HandsetOrder<Port> =
  /** The way to the line that is in use from now on; the port is transferred. */
  | { readonly type: 'line'; readonly port: Port }
  | { readonly type: 'mute'; readonly on: boolean }
  /** Goes to the line in place of the microphone, after what was to be said before; at the rate of the line, the buffer is transferred. */
  | { readonly type: 'say'; readonly samples: Int16Array<ArrayBuffer> }
  /** The processor is not needed any more. */
  | { readonly type: 'end' };

/** Processor -> page: every 60 ms, in dBFS. */
export interface HandsetReport {
  readonly spokenDb: number;
  readonly heardDb: number;
}

/** Line -> processor. */
export type LineOrder =
  /** Whether frames of the microphone are wanted. */
  | { readonly type: 'listen'; readonly on: boolean }
  /** Audio of the line; the buffer is transferred. */
  | { readonly type: 'play'; readonly samples: Int16Array<ArrayBuffer>; readonly position: number }
  /** Nothing of what came so far is played any more; positions count anew. */
  | { readonly type: 'hush' };

/** Processor -> line: the next 20 ms of the microphone; the buffer is transferred. */
export interface LineReport {
  readonly samples: Int16Array<ArrayBuffer>;
}
