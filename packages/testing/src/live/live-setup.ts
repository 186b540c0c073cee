import { z } from 'zod';

/** What a client asks for first, as far as this server looks at it. */
export interface LiveSetup {
  readonly model: string;
  readonly systemInstruction?: unknown;
  readonly tools?: readonly unknown[] | undefined;
  readonly inputAudioTranscription?: unknown;
  readonly outputAudioTranscription?: unknown;
  readonly sessionResumption?: { readonly handle?: string | undefined } | undefined;
  readonly realtimeInputConfig?:
    | { readonly automaticActivityDetection?: { readonly disabled?: boolean | undefined } | undefined }
    | undefined;
}

/** Everything that a client may send, one kind a message. */
export interface LiveClientMessage {
  readonly setup?: LiveSetup | undefined;
  readonly realtimeInput?:
    | {
        readonly audio?: { readonly data: string; readonly mimeType: string } | undefined;
        /** The older form of `audio`. */
        readonly mediaChunks?: readonly { readonly data: string; readonly mimeType: string }[] | undefined;
        readonly text?: string | undefined;
        readonly audioStreamEnd?: boolean | undefined;
        readonly activityStart?: object | undefined;
        readonly activityEnd?: object | undefined;
      }
    | undefined;
  readonly clientContent?:
    | {
        readonly turns?:
          | readonly { readonly parts?: readonly { readonly text?: string | undefined }[] | undefined }[]
          | undefined;
        readonly turnComplete?: boolean | undefined;
      }
    | undefined;
  readonly toolResponse?:
    | {
        readonly functionResponses: readonly {
          readonly id: string;
          readonly name: string;
          readonly response: Readonly<Record<string, unknown>>;
        }[];
      }
    | undefined;
}

const message: z.ZodType<LiveClientMessage> = z.object({
  setup: z
    .looseObject({
      model: z.string(),
      tools: z.array(z.unknown()).optional(),
      sessionResumption: z.looseObject({ handle: z.string().optional() }).optional(),
      realtimeInputConfig: z
        .looseObject({ automaticActivityDetection: z.looseObject({ disabled: z.boolean().optional() }).optional() })
        .optional(),
    })
    .optional(),
  realtimeInput: z
    .object({
      audio: z.object({ data: z.string(), mimeType: z.string() }).optional(),
      mediaChunks: z.array(z.object({ data: z.string(), mimeType: z.string() })).optional(),
      text: z.string().optional(),
      audioStreamEnd: z.boolean().optional(),
      activityStart: z.looseObject({}).optional(),
      activityEnd: z.looseObject({}).optional(),
    })
    .optional(),
  clientContent: z
    .object({
      turns: z.array(z.object({ parts: z.array(z.object({ text: z.string().optional() })).optional() })).optional(),
      turnComplete: z.boolean().optional(),
    })
    .optional(),
  toolResponse: z
    .object({
      functionResponses: z.array(
        z.object({ id: z.string(), name: z.string(), response: z.record(z.string(), z.unknown()) }),
      ),
    })
    .optional(),
});

/** Reads what a client sent; `undefined` for what no server of this protocol takes. */
export function readClientMessage(text: string): LiveClientMessage | undefined {
  try {
    return message.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
