import type { ModelRules } from '../model/rules.ts';
import type { Voice } from '../model/voice.ts';

/** How the local server is run. */
export interface LiveServerOptions {
  readonly rules: ModelRules;
  /** `tones` (default), `system`: what the machine has (`espeak-ng`, `say`), tones where it has none. */
  readonly voice?: 'tones' | 'system' | Voice;
  /** Default 0: any free one; on 127.0.0.1 only. */
  readonly port?: number;
  /** Only these keys are let in. Default: every one. */
  readonly apiKeys?: readonly string[];
  /** How long it thinks before it speaks. Default 300. */
  readonly thinkMs?: number;
}

/** One connection of a client, or several that resumed each other. */
export interface LiveServerSession {
  /** What the client asked for. */
  readonly setup: Readonly<Record<string, unknown>>;
  readonly connections: number;
  readonly heard: readonly string[];
  readonly said: readonly string[];
  readonly notes: readonly string[];
  readonly toolAnswers: readonly { readonly name: string; readonly response: unknown }[];
  readonly open: boolean;
  /** Messages of the client that no server of this protocol takes. */
  readonly refused: readonly string[];
  goAway(timeLeftMs?: number): void;
  /** The socket is gone without a word. */
  drop(): void;
  /** Sends something that is no JSON. */
  sendMalformed(): void;
  /** Stops reading and writing; nothing is closed. */
  stall(): void;
  say(text: string): void;
  call(name: string, args?: Readonly<Record<string, unknown>>): void;
  cancelTools(): void;
}

/** A server that speaks the Gemini Live protocol on loopback, for `httpOptions.baseUrl` or GOOGLE_GEMINI_BASE_URL. */
export interface LiveServer extends AsyncDisposable {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly port: number;
  readonly voice: string;
  readonly sessions: readonly LiveServerSession[];
  /** Connections that are open. */
  readonly connections: number;
  /** The next connections are not answered, refused, or never set up. */
  failNext(how: 'refuse' | 'no-setup' | 'close-at-setup', times?: number): void;
  close(): Promise<void>;
}

/** Starts one. */
export function createLiveServer(options: LiveServerOptions): Promise<LiveServer> {
  void options;
  throw new Error('not built yet');
}
