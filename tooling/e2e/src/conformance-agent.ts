/** The conformance agent of docs/conformance.md on `@agentao/calls`: what it does on a call is told by the number that was called. */
import { type ActiveCall, AgenTaoClient, AgenTaoClientConfig, type ClientOptions, events } from '@agentao/calls';

const sampleRate = 24_000;
const ring = { ringTimeSeconds: 20 };

/** Queues samples that tell their position: a lost, repeated or exchanged one shows. */
function say(call: ActiveCall, seconds: number): void {
  const from = call.queuedSamples;
  const length = Math.round(seconds * sampleRate);
  void call.sendAudio(Int16Array.from({ length }, (_, index) => (from + index) % 32_768));
}

const scenarios: Readonly<Record<string, (call: ActiveCall) => unknown>> = {
  answer: (call) => call.answer(),
  decline: (call) => call.close(),
  talk: (call) => {
    say(call, 3);
    return call.answer();
  },
  echo: (call) => {
    call.on(events.CALL_DTMF, ({ digit }) => call.sendDtmf(digit));
    call.audio$().subscribe(({ samples }) => void call.sendAudio(samples));
    return call.answer();
  },
  dtmf: async (call) => {
    await call.answer();
    const sent = await Promise.allSettled(['1', '2'].map((digit) => call.sendDtmf(digit).then(() => digit)));
    const digits = sent.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    if (digits.length > 0) await call.sendDtmf(digits.join(''));
  },
  connect: (call) => call.connect(ring),
  'connect-cancel': (call) => call.connect({ ...ring, signal: AbortSignal.timeout(300) }),
  clear: async (call) => {
    say(call, 3);
    await call.answer();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    for (let clears = 0; clears < 2; clears++) {
      void call.clearSendAudioBuffer();
      say(call, 0.5);
    }
  },
  discard: async (call) => {
    say(call, 3);
    await call.connect({ ...ring, mode: 'spy' });
    void call.whisper();
    say(call, 0.5);
  },
  'after-playout': async (call) => {
    say(call, 1);
    await call.connect(ring);
    await call.whisper({ afterPlayout: true });
  },
  heard: async (call) => {
    await call.answer();
    say(call, 0.5);
    await call.waitForPlayout();
    await call.sendDtmf('9');
  },
  marks: (call) => {
    for (let waits = 0; waits < 1_100; waits++) {
      say(call, 1 / sampleRate);
      void call.waitForPlayout();
    }
  },
  leave: (call) => call.answer().then(() => call.close()),
  'hang-up': (call) => call.answer().then(() => call.disconnect()),
  force: (call) => call.answer().then(() => call.forceDisconnect()),
  record: async (call) => {
    await call.answer();
    await Promise.allSettled([call.setContext({ customer: 17 }), call.annotate('turn', { text: 'hello' })]);
    await call.sendDtmf('5');
  },
  late: async (call) => {
    await call.answer();
    await call.ended;
    await new Promise((resolve) => setTimeout(resolve, 300));
    await call.annotate('summary', { late: true });
  },
  tracks: (call) => {
    for (const party of ['caller', 'callee'] as const) call.audio$({ party }).subscribe();
    return call.answer();
  },
  continue: (call) => {
    say(call, 0.5);
    return call.sendDtmf((call.context as { readonly digit: string }).digit);
  },
};

/** A client that does on each call what its number says, and nothing at `idle`; it is not connected yet. */
export function createConformanceAgent(env: NodeJS.ProcessEnv, options: ClientOptions = {}): AgenTaoClient {
  const { AGENTAO_API_KEY: apiKey = '', AGENTAO_CONNECTOR_UUID: connectorUuid = '', AGENTAO_BASE_URL: baseUrl } = env;
  // A verb that fails is the end of what the agent does, and not of the call.
  const more = { sampleRate, acceptsTakeover: true, onHandlerError: (): void => undefined } as const;
  const config = AgenTaoClientConfig.sandbox({ apiKey, connectorUuid, ...(baseUrl && { baseUrl }), ...more });
  const client = new AgenTaoClient(config, options);
  client.on(events.INCOMING_CALL, (call) => {
    return call.calleeNumber === 'stop' ? client.drain({ timeoutMs: 500 }) : scenarios[call.calleeNumber]?.(call);
  });
  return client;
}

if (import.meta.main) await createConformanceAgent(process.env).runForever();
