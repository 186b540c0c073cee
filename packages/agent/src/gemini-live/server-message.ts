/** What is used of a message of the service. */
export interface ServerMessage {
  readonly serverContent?: {
    readonly modelTurn?: { readonly parts?: readonly { readonly inlineData?: { readonly data?: string } }[] };
    readonly inputTranscription?: { readonly text?: string };
    readonly outputTranscription?: { readonly text?: string };
    readonly interrupted?: boolean;
    readonly generationComplete?: boolean;
    readonly turnComplete?: boolean;
  };
  readonly toolCall?: {
    readonly functionCalls?: readonly { readonly id?: string; readonly name?: string; readonly args?: unknown }[];
  };
  readonly toolCallCancellation?: { readonly ids?: readonly string[] };
  readonly usageMetadata?: {
    readonly promptTokenCount?: number;
    readonly responseTokenCount?: number;
    readonly totalTokenCount?: number;
  };
  readonly goAway?: { readonly timeLeft?: string };
  readonly sessionResumptionUpdate?: { readonly newHandle?: string; readonly resumable?: boolean };
}

/** The sound in base64, as samples of their own. */
export function samplesOf(base64: string): Int16Array {
  const bytes = Buffer.from(base64, 'base64');
  const samples = new Int16Array(bytes.length >> 1);
  new Uint8Array(samples.buffer).set(bytes.subarray(0, samples.byteLength));
  return samples;
}

/** Samples in base64. */
export function base64Of({ buffer, byteOffset, byteLength }: Int16Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
