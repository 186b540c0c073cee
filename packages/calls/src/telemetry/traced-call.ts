import type {
  ActiveCall,
  ClearResult,
  CloseOptions,
  ConnectOptions,
  ModeOptions,
  PlayOutcome,
  PlaySource,
} from '../active-call.ts';
import { checkHandler } from '../call-arguments.ts';
import type { CallEventName, CallEvents } from '../events.ts';
import { MediaCall, type MediaCallOptions } from '../media-call.ts';
import { CallTrace } from './call-trace.ts';
import { attribute } from './span-names.ts';

/** A call, and who accepted it when. */
export interface TracedCallOptions extends MediaCallOptions {
  readonly connectorUuid: string | undefined;
  /** When this side began to accept it, by the clock. */
  readonly acceptedMs: number;
}

const traces = new WeakMap<ActiveCall, CallTrace>();

/** Runs `run` so that spans begun in it are children of the call's; as it is for a call that has no span. */
export function withinCall<T>(call: ActiveCall, run: () => T): T {
  const trace = traces.get(call);
  return trace === undefined ? run() : trace.within(run);
}

/** A call whose life and verbs are spans. */
export class TracedCall extends MediaCall {
  readonly #trace: CallTrace;

  constructor(options: TracedCallOptions) {
    super(options);
    const { clock, connectorUuid, acceptedMs } = options;
    this.#trace = new CallTrace({ call: this, clock, connectorUuid, acceptedMs });
    traces.set(this, this.#trace);
  }

  override answer(): Promise<void> {
    return this.#trace.verb({ verb: 'answer' }, () => super.answer());
  }

  override connect(options: ConnectOptions = {}): Promise<void> {
    const { ringTimeSeconds = 60, mode = 'barge' } = looked(options);
    const attributes = { [attribute.ringTime]: ringTimeSeconds, [attribute.mode]: mode };
    return this.#trace.verb({ verb: 'connect', attributes }, () => super.connect(options));
  }

  override whisper(options: ModeOptions = {}): Promise<void> {
    return this.#trace.verb({ verb: 'whisper', attributes: modeAttributes(options) }, () => super.whisper(options));
  }

  override barge(options: ModeOptions = {}): Promise<void> {
    return this.#trace.verb({ verb: 'barge', attributes: modeAttributes(options) }, () => super.barge(options));
  }

  override spy(options: ModeOptions = {}): Promise<void> {
    return this.#trace.verb({ verb: 'spy', attributes: modeAttributes(options) }, () => super.spy(options));
  }

  override disconnect(): Promise<void> {
    return this.#trace.verb({ verb: 'disconnect' }, () => super.disconnect());
  }

  override close(options: CloseOptions = {}): Promise<void> {
    return this.#trace.verb({ verb: 'close' }, () => super.close(options));
  }

  override forceDisconnect(): Promise<void> {
    return this.#trace.verb({ verb: 'forceDisconnect' }, () => super.forceDisconnect());
  }

  override sendDtmf(digits: string): Promise<void> {
    return this.#trace.verb({ verb: 'dtmf' }, () => super.sendDtmf(digits));
  }

  override clearSendAudioBuffer(): Promise<ClearResult> {
    const result = ({ clearedSamples }: ClearResult) => ({ [attribute.cleared]: clearedSamples });
    return this.#trace.verb({ verb: 'clear', result }, () => super.clearSendAudioBuffer());
  }

  override play(source: PlaySource, options: { readonly signal?: AbortSignal } = {}): Promise<PlayOutcome> {
    const result = (outcome: PlayOutcome) => ({ [attribute.outcome]: outcome });
    return this.#trace.verb({ verb: 'play', result }, () => super.play(source, options));
  }

  override setContext(json: unknown): Promise<void> {
    return this.#trace.verb({ verb: 'context' }, () => super.setContext(json));
  }

  override annotate(kind: string, data: unknown): Promise<void> {
    return this.#trace.verb({ verb: 'annotate' }, () => super.annotate(kind, data));
  }

  override on<Name extends CallEventName>(event: Name, handler: (event: CallEvents[Name]) => unknown): () => void {
    checkHandler(handler);
    return super.on(event, (told) => this.#trace.within(() => handler(told)));
  }
}

function modeAttributes(options: ModeOptions): Record<string, boolean> {
  const { afterPlayout = false, keepQueued = false } = looked(options);
  return { [attribute.afterPlayout]: afterPlayout, [attribute.keepQueued]: keepQueued };
}

/** Whatever was given for options, to be looked into; the verb itself refuses what is none. */
function looked<Options extends object>(options: Options): Options {
  return Object(options) as Options;
}
