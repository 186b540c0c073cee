import { speech } from '@agentao/audio/speech';
import { createLiveServer, type LiveServer } from '@agentao/testing/live';
import { GoogleGenAI, type LiveServerMessage, Modality, type Session } from '@google/genai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let server: LiveServer;
beforeEach(async () => {
  const rules = [
    { hears: 'open', say: 'At nine.' },
    { hears: 'long', say: 'One two three four five six seven eight nine ten.' },
  ];
  server = await createLiveServer({ rules: { rules }, thinkMs: 1 });
});
afterEach(() => server.close());

interface Client {
  readonly session: Session;
  readonly messages: readonly LiveServerMessage[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** What the server has said. */
  said(): string;
  /** Speaks, at once. */
  says(text: string): void;
}

/** The SDK at the local server. */
async function connect({ disabled }: { readonly disabled: boolean }): Promise<Client> {
  const messages: LiveServerMessage[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<{ readonly code: number; readonly reason: string }>();
  const session = await new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: server.url } }).live.connect({
    model: 'gemini-live-2.5-flash-preview',
    config: {
      responseModalities: [Modality.AUDIO],
      inputAudioTranscription: {},
      outputAudioTranscription: {},
      realtimeInputConfig: { automaticActivityDetection: { disabled } },
    },
    callbacks: { onmessage: (message) => messages.push(message), onclose: resolve },
  });
  return {
    session,
    messages,
    closed,
    said: () => messages.map(({ serverContent }) => serverContent?.outputTranscription?.text ?? '').join(''),
    says: (text) =>
      session.sendRealtimeInput({ audio: soundOf(speech.encode(text, { band: 'low', sampleRateHz: 16_000 })) }),
  };
}

function soundOf({ buffer, byteOffset, byteLength }: Int16Array): { readonly data: string; readonly mimeType: string } {
  return { data: Buffer.from(buffer, byteOffset, byteLength).toString('base64'), mimeType: 'audio/pcm;rate=16000' };
}

const silence = { audio: soundOf(new Int16Array(16_000 * 3)) };
const isComplete = ({ serverContent }: LiveServerMessage): boolean => serverContent?.turnComplete === true;

describe('a client of the local server that tells when the caller speaks', () => {
  it('has one turn for what is between start and end, pauses included, and none for anything else', async () => {
    const { session, says, said, messages } = await connect({ disabled: true });
    says('this is nobody');
    session.sendRealtimeInput(silence);
    session.sendRealtimeInput({ activityStart: {} });
    says('when do you');
    session.sendRealtimeInput(silence);
    says('open');
    session.sendRealtimeInput({ activityEnd: {} });
    says('nobody again');
    session.sendRealtimeInput(silence);
    await expect.poll(() => messages.some(isComplete)).toBe(true);
    expect(said().trim()).toBe('At nine.');
    session.sendRealtimeInput({ activityStart: {} });
    says('open');
    session.sendRealtimeInput({ activityEnd: {} });
    await expect.poll(() => messages.filter(isComplete).length).toBe(2);
    expect(server.sessions[0]?.heard).toEqual(['when do you open', 'open']);
    const heard = messages.map(({ serverContent }) => serverContent?.inputTranscription?.text ?? '').join('');
    // Each turn begins without a space.
    expect(heard).toBe('when do you openopen');
    session.close();
  });

  it('interrupts with the start, and makes no turn of an end without one', async () => {
    const { session, says, messages, said } = await connect({ disabled: true });
    session.sendRealtimeInput({ activityEnd: {} });
    session.sendRealtimeInput({ text: 'something long' });
    await expect.poll(said).toContain('two');
    session.sendRealtimeInput({ activityStart: {} });
    await expect.poll(() => messages.some(({ serverContent }) => serverContent?.interrupted === true)).toBe(true);
    session.sendRealtimeInput({ activityStart: {} });
    says('open');
    session.sendRealtimeInput({ activityEnd: {} });
    await expect.poll(said).toContain('At nine.');
    expect(said()).not.toContain('ten');
    expect(server.sessions[0]?.heard).toEqual(['open']);
    session.close();
  });

  it.each(['activityStart', 'activityEnd'])('is closed for an %s where the server listens for itself', async (kind) => {
    const { session, closed } = await connect({ disabled: false });
    session.sendRealtimeInput({ [kind]: {} });
    expect(await closed).toMatchObject({ code: 1007, reason: expect.stringContaining('activity') as string });
  });
});
