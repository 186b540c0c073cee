import { randomUUID } from 'node:crypto';
import { z } from 'zod';

type Maybe<T> = T | null | undefined;

/** What is used of a message of the service; `null` is as good as nothing. */
export interface ServerMessage {
  readonly setupComplete?: unknown;
  readonly serverContent?: Maybe<{
    readonly modelTurn?: Maybe<{
      readonly parts?: Maybe<readonly { readonly inlineData?: Maybe<{ readonly data?: Maybe<string> }> }[]>;
    }>;
    readonly inputTranscription?: Maybe<{ readonly text?: Maybe<string> }>;
    readonly outputTranscription?: Maybe<{ readonly text?: Maybe<string> }>;
    readonly interrupted?: Maybe<boolean>;
    readonly turnComplete?: Maybe<boolean>;
  }>;
  readonly toolCall?: Maybe<{
    readonly functionCalls?: Maybe<
      readonly { readonly id?: Maybe<string>; readonly name?: Maybe<string>; readonly args?: unknown }[]
    >;
  }>;
  readonly toolCallCancellation?: Maybe<{ readonly ids?: Maybe<readonly string[]> }>;
  readonly usageMetadata?: Maybe<{
    readonly promptTokenCount?: Maybe<number>;
    readonly responseTokenCount?: Maybe<number>;
    readonly totalTokenCount?: Maybe<number>;
  }>;
  readonly goAway?: Maybe<{ readonly timeLeft?: Maybe<string> }>;
  readonly sessionResumptionUpdate?: Maybe<{
    readonly newHandle?: Maybe<string>;
    readonly resumable?: Maybe<boolean>;
  }>;
}

const transcription = z.object({ text: z.string().nullish() });
const part = z.object({ inlineData: z.object({ data: z.string().nullish() }).nullish() });
const functionCall = z.object({ id: z.string().nullish(), name: z.string().nullish(), args: z.unknown().optional() });

const serverMessage: z.ZodType<ServerMessage> = z.object({
  setupComplete: z.unknown().optional(),
  serverContent: z
    .object({
      modelTurn: z.object({ parts: z.array(part).nullish() }).nullish(),
      inputTranscription: transcription.nullish(),
      outputTranscription: transcription.nullish(),
      interrupted: z.boolean().nullish(),
      turnComplete: z.boolean().nullish(),
    })
    .nullish(),
  toolCall: z.object({ functionCalls: z.array(functionCall).nullish() }).nullish(),
  toolCallCancellation: z.object({ ids: z.array(z.string()).nullish() }).nullish(),
  usageMetadata: z
    .object({
      promptTokenCount: z.number().nullish(),
      responseTokenCount: z.number().nullish(),
      totalTokenCount: z.number().nullish(),
    })
    .nullish(),
  goAway: z.object({ timeLeft: z.string().nullish() }).nullish(),
  sessionResumptionUpdate: z.object({ newHandle: z.string().nullish(), resumable: z.boolean().nullish() }).nullish(),
});

/** Reads one. `undefined` for one that is no JSON, or in which something is not what it has to be: it came from no service that we know. */
export function readServerMessage(text: string): ServerMessage | undefined {
  try {
    return serverMessage.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const madeUp = 'unnamed-';

/** An id for a tool call that came without, as those of Vertex may. */
export function madeUpId(): string {
  return `${madeUp}${randomUUID()}`;
}

/** Whether the service does not know this id. */
export function isMadeUp(id: string): boolean {
  return id.startsWith(madeUp);
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
