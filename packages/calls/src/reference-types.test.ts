import type { Observable } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';
import {
  type ActiveCall,
  AgenTaoClient,
  type AgenTaoClientConfig,
  type AnyCallEvent,
  type AudioChunk,
  type AudioOptions,
  BufferFullError,
  CallEvent,
  type CallEnd,
  type CallHandler,
  type CallMode,
  type ClearResult,
  ClientEvent,
  type CommonOptions,
  type ConnectionState,
  type ConnectOptions,
  type EndedBy,
  type EndReason,
  type ErrorCode,
  events,
  type IncomingTrack,
  type ModeOptions,
  type Party,
  type PlayOutcome,
  type ProductionOptions,
  type RunForeverOptions,
  type SandboxOptions,
  type SendAudioOptions,
  WSSCallCommandError,
  type WSSCallError,
  WSSError,
} from './index.ts';
import { createFakeCall } from './testing/fake-call.ts';

// Nothing here runs: what it says is checked by the types stage of the gate.
const call: ActiveCall = createFakeCall().call;
declare const client: AgenTaoClient;

/** The payload that a handler of the event gets. */
type Payload<Name extends AnyCallEvent['type']> = Extract<AnyCallEvent, { readonly type: Name }>;
type Code = ErrorCode | (string & {});

describe('on', () => {
  it('gives each event exactly its payload', () => {
    const dead = (): void => {
      call.on(events.CALL_TERMINATED, ({ reason, by }) => {
        expectTypeOf(reason).toEqualTypeOf<EndReason>();
        expectTypeOf(by).toEqualTypeOf<EndedBy>();
      });
      call.on(events.CALL_ANSWERED, (event) => {
        expectTypeOf<keyof typeof event>().toEqualTypeOf<'type' | 'callId' | 'atMs'>();
        expectTypeOf(event.type).toEqualTypeOf<'call.answered'>();
        expectTypeOf(event.callId).toEqualTypeOf<string>();
        expectTypeOf(event.atMs).toEqualTypeOf<number>();
      });
      call.on(events.CALL_CONNECTED, ({ mode }) => expectTypeOf(mode).toEqualTypeOf<CallMode>());
      call.on(events.CALL_CONNECT_FAILED, ({ errorCode, errorMessage }) => {
        expectTypeOf(errorCode).toEqualTypeOf<Code>();
        expectTypeOf(errorMessage).toEqualTypeOf<string>();
      });
      call.on(events.CALL_ANSWER_FAILED, ({ errorCode, errorMessage }) => {
        expectTypeOf(errorCode).toEqualTypeOf<Code>();
        expectTypeOf(errorMessage).toEqualTypeOf<string>();
      });
      call.on(events.CALL_MODE_CHANGED, ({ mode }) => expectTypeOf(mode).toEqualTypeOf<CallMode>());
      call.on(events.CALL_DTMF, ({ digit, party, durationMs }) => {
        expectTypeOf(digit).toEqualTypeOf<string>();
        expectTypeOf(party).toEqualTypeOf<Party>();
        expectTypeOf(durationMs).toEqualTypeOf<number>();
      });
      call.on(events.CALL_RESUMED, ({ outageMs, replayedSamples }) => {
        expectTypeOf(outageMs).toEqualTypeOf<number>();
        expectTypeOf(replayedSamples).toEqualTypeOf<number>();
      });
      call.on(events.CALL_AUDIO_OVERFLOW, ({ party, droppedSamples }) => {
        expectTypeOf(party).toEqualTypeOf<IncomingTrack>();
        expectTypeOf(droppedSamples).toEqualTypeOf<number>();
      });
      call.on(events.CALL_ERROR, ({ errorCode }) => expectTypeOf(errorCode).toEqualTypeOf<Code>());
      call.on('call.dtmf', (event) => expectTypeOf(event).toExtend<Payload<'call.dtmf'>>());
    };
    expectTypeOf(dead).returns.toBeVoid();
  });

  it('takes handlers without parameters, asynchronous ones, and none of another event', () => {
    const dead = (): void => {
      expectTypeOf(call.on(events.CALL_DTMF, () => undefined)).toEqualTypeOf<() => void>();
      call.on(events.CALL_DTMF, async () => {
        await call.answer();
      });
      // @ts-expect-error a digit is no part of this event
      call.on(events.CALL_ANSWERED, ({ digit }) => digit);
      // @ts-expect-error a payload is not to be changed
      call.on(events.CALL_DTMF, (event) => (event.digit = '1'));
      // @ts-expect-error an event of a client
      call.on(events.INCOMING_CALL, () => undefined);
      // @ts-expect-error no event at all
      call.on('call.novelty', () => undefined);
    };
    expectTypeOf(dead).toBeFunction();
  });

  it('of a client gives the call itself', () => {
    const dead = (): void => {
      expectTypeOf(client.on(events.INCOMING_CALL, () => undefined)).toEqualTypeOf<() => void>();
      client.on('call.incoming', (incoming) => expectTypeOf(incoming).toEqualTypeOf<ActiveCall>());
      client.on(ClientEvent.INCOMING_CALL, async (incoming) => incoming.answer());
      // @ts-expect-error an event of a call
      client.on(events.CALL_ANSWERED, () => undefined);
    };
    expectTypeOf(dead).toBeFunction();
    expectTypeOf<CallHandler>().parameters.toEqualTypeOf<[call: ActiveCall]>();
  });
});

describe('the names of events', () => {
  it('are literals', () => {
    expectTypeOf(ClientEvent.INCOMING_CALL).toEqualTypeOf<'call.incoming'>();
    expectTypeOf(CallEvent.CALL_TERMINATED).toEqualTypeOf<'call.terminated'>();
    expectTypeOf(events.CALL_CONNECT_FAILED).toEqualTypeOf<'call.connect_failed'>();
    expectTypeOf<(typeof CallEvent)[keyof typeof CallEvent]>().toEqualTypeOf<AnyCallEvent['type']>();
    // @ts-expect-error a constant stays what it is
    const dead = (): void => void (events.CALL_DTMF = 'call.dtmf');
    expectTypeOf(dead).toBeFunction();
  });
});

describe('a call', () => {
  it('is an interface: a fake is one, and so is the call of another copy of the package', () => {
    expectTypeOf<ActiveCall>().toExtend<{ [Name in keyof ActiveCall]: ActiveCall[Name] }>();
    expectTypeOf<{ [Name in keyof ActiveCall]: ActiveCall[Name] }>().toExtend<ActiveCall>();
    expectTypeOf<CallHandler>().toBeCallableWith(createFakeCall().call);
  });

  it('has the documented verbs', () => {
    expectTypeOf(call.answer).toEqualTypeOf<() => Promise<void>>();
    expectTypeOf(call.connect).toEqualTypeOf<(options?: ConnectOptions) => Promise<void>>();
    expectTypeOf(call.whisper).toEqualTypeOf<(options?: ModeOptions) => Promise<void>>();
    expectTypeOf(call.barge).toEqualTypeOf<typeof call.spy>();
    expectTypeOf(call.disconnect).toEqualTypeOf<() => Promise<void>>();
    expectTypeOf(call.close).toBeCallableWith();
    expectTypeOf(call.close).returns.toEqualTypeOf<Promise<void>>();
    expectTypeOf(call.forceDisconnect).toEqualTypeOf<() => Promise<void>>();
    expectTypeOf(call.clearSendAudioBuffer).toEqualTypeOf<() => Promise<ClearResult>>();
    expectTypeOf(call.getSendAudioBufferSize).toEqualTypeOf<() => number>();
    expectTypeOf(call.play).returns.toEqualTypeOf<Promise<PlayOutcome>>();
    expectTypeOf(call.waitForPlayout).returns.toEqualTypeOf<Promise<PlayOutcome | 'timeout'>>();
    expectTypeOf(call.audioStream).returns.toEqualTypeOf<AsyncIterable<AudioChunk>>();
    expectTypeOf(call.audio$).returns.toEqualTypeOf<Observable<AudioChunk>>();
    expectTypeOf(call.ended).toEqualTypeOf<Promise<CallEnd>>();
    expectTypeOf(call.setContext).parameters.toEqualTypeOf<[json: unknown]>();
    expectTypeOf(call).toExtend<AsyncDisposable>();
  });

  it('takes bytes, samples and chunks as audio, and nothing else', () => {
    const dead = (chunk: AudioChunk): void => {
      void call.sendAudio(new Uint8Array(2));
      void call.sendAudio(Buffer.alloc(2), { wait: true, signal: AbortSignal.timeout(1) });
      void call.sendAudio(new Int16Array(1));
      void call.sendAudio(chunk);
      // @ts-expect-error other samples
      void call.sendAudio(new Float32Array(1));
      // @ts-expect-error a text
      void call.play('greeting.wav');
      // @ts-expect-error not a mode
      void call.connect({ mode: 'listen' });
      // @ts-expect-error not a track
      call.audio$({ party: 'agent' });
    };
    expectTypeOf(dead).toBeFunction();
  });

  it('is not to be written to', () => {
    expectTypeOf<Readonly<AudioChunk>>().toEqualTypeOf<AudioChunk>();
    // @ts-expect-error its state is told
    const dead = (): void => void (call.state = 'ANSWERED');
    expectTypeOf(dead).toBeFunction();
  });
});

describe('options', () => {
  it('are read, never written', () => {
    expectTypeOf<ConnectOptions>().toEqualTypeOf<Readonly<Partial<ConnectOptions>>>();
    expectTypeOf<ModeOptions>().toEqualTypeOf<Readonly<Partial<ModeOptions>>>();
    expectTypeOf<SendAudioOptions>().toEqualTypeOf<Readonly<Partial<SendAudioOptions>>>();
    expectTypeOf<AudioOptions>().toEqualTypeOf<Readonly<Partial<AudioOptions>>>();
    expectTypeOf<RunForeverOptions>().toEqualTypeOf<Readonly<Partial<RunForeverOptions>>>();
    expectTypeOf<CommonOptions>().toEqualTypeOf<Readonly<Partial<CommonOptions>>>();
    expectTypeOf<SandboxOptions>().toEqualTypeOf<Readonly<SandboxOptions>>();
    expectTypeOf<ProductionOptions>().toEqualTypeOf<Readonly<ProductionOptions>>();
    expectTypeOf<AgenTaoClientConfig>().toExtend<Readonly<Required<Omit<CommonOptions, never>>>>();
  });

  it('of a configuration need what cannot be guessed, and nothing else', () => {
    expectTypeOf<{ apiKey: string; connectorUuid: string }>().toExtend<SandboxOptions>();
    expectTypeOf<{ certPath: string; keyPath: string; baseUrl: string }>().toExtend<ProductionOptions>();
    expectTypeOf<{ apiKey: string }>().not.toExtend<SandboxOptions>();
    expectTypeOf<{ sampleRate: 44_100 }>().not.toExtend<CommonOptions>();
  });
});

describe('errors', () => {
  it('tell by their type what they carry', () => {
    const dead = (error: unknown): void => {
      if (error instanceof WSSCallCommandError) {
        expectTypeOf(error.errorCode).toEqualTypeOf<Code>();
        expectTypeOf(error.errorMessage).toEqualTypeOf<string>();
        expectTypeOf(error).toExtend<WSSCallError>();
        expectTypeOf(error.callId).toEqualTypeOf<string>();
      } else if (error instanceof BufferFullError) {
        expectTypeOf(error.capacityBytes).toEqualTypeOf<number>();
        expectTypeOf(error.queuedBytes).toEqualTypeOf<number>();
        // @ts-expect-error not about a call
        void error.callId;
      } else if (error instanceof WSSError) {
        expectTypeOf(error.code).toEqualTypeOf<string>();
        expectTypeOf(error.retryable).toEqualTypeOf<boolean>();
        expectTypeOf(error.cause).toBeUnknown();
        // @ts-expect-error a code is what it is
        error.code = 'OTHER';
      }
    };
    expectTypeOf(dead).toBeFunction();
  });
});

describe('the client', () => {
  it('is observed with the types of its calls and its connection', () => {
    const dead = (): void => {
      expectTypeOf(client.calls$).toEqualTypeOf<Observable<ActiveCall>>();
      expectTypeOf(client.connection$).toEqualTypeOf<Observable<ConnectionState>>();
      expectTypeOf(client.getCall).returns.toEqualTypeOf<ActiveCall | undefined>();
      expectTypeOf(client).toExtend<AsyncDisposable>();
      client.connection$.subscribe((state) => {
        if (state.name === 'backing-off') expectTypeOf(state.retryInMs).toEqualTypeOf<number>();
        if (state.name === 'closed') expectTypeOf(state.error).toEqualTypeOf<WSSError | undefined>();
        // @ts-expect-error only one that waits tells when it tries again
        void state.retryInMs;
      });
    };
    expectTypeOf(dead).toBeFunction();
    expectTypeOf(AgenTaoClient.open).returns.toEqualTypeOf<Promise<AgenTaoClient>>();
  });
});
