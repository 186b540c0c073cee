/** Where the line of a softphone stands. */
export type LineState =
  /** Not on the switch. `problem` says in one line why not, and what to do, if it was not the person's wish. */
  | { readonly name: 'unplugged'; readonly problem?: string }
  /** On the way to the switch; `attempt` counts from 1. */
  | { readonly name: 'connecting'; readonly attempt: number; readonly problem?: string }
  /** Can be called and can call. `lastCall` tells how the last one ended. */
  | { readonly name: 'idle'; readonly lastCall?: EndedCall }
  | { readonly name: 'dialing'; readonly callId: string | undefined; readonly peer: string }
  | { readonly name: 'ringing'; readonly callId: string; readonly peer: string }
  /** `sinceMs` by `Date.now()`. */
  | { readonly name: 'talking'; readonly callId: string; readonly peer: string; readonly sinceMs: number };

/** How a call ended, in the words of the protocol; `lost` when the line itself was lost, `refused` when it could not be placed. */
export interface EndedCall {
  readonly peer: string;
  readonly how: string;
  readonly by: 'caller' | 'callee' | 'agent' | 'switch' | 'line';
  readonly talkedMs: number;
  /** What stood in the way of a refused call, in one line. */
  readonly problem?: string;
}

/** The microphone of a softphone. Without one the phone goes on, and sends silence. */
export type MicrophoneState =
  | { readonly name: 'off' }
  | { readonly name: 'asking' }
  | { readonly name: 'on'; readonly deviceId: string; readonly label: string }
  /** `problem` says what to do about it. */
  | { readonly name: 'refused' | 'missing' | 'failed'; readonly problem: string };

/** A device to choose. */
export interface AudioDevice {
  readonly deviceId: string;
  readonly label: string;
}

/** What is shown of a softphone; a new object for each change. */
export interface SoftphoneState {
  readonly number: string;
  readonly line: LineState;
  readonly microphone: MicrophoneState;
  readonly muted: boolean;
  /** Echo cancellation, noise suppression and automatic gain, all on or all off. */
  readonly voiceProcessing: boolean;
  readonly microphones: readonly AudioDevice[];
  /** Empty where the browser lets no page choose. */
  readonly speakers: readonly AudioDevice[];
  readonly microphoneId: string;
  readonly speakerId: string;
  /** Digits that the far side sent. */
  readonly heardDigits: string;
}

/** Levels of the last moment in dBFS, -120 for silence. */
export interface SoftphoneLevels {
  readonly spokenDb: number;
  readonly heardDb: number;
}

/** One softphone: one number, one line, one microphone, one speaker. Verbs that do not fit the line's state do nothing. */
export interface Softphone {
  readonly state: SoftphoneState;
  /** Called after each change of `state`. Returns what unsubscribes. */
  subscribe(listener: () => void): () => void;
  /** For meters, to be read as often as they are drawn. */
  readonly levels: SoftphoneLevels;
  /** Starts sound and registers the number; from a click, or the browser keeps the sound off. Never rejects. */
  plugIn(): Promise<void>;
  /** Hangs up, leaves the switch, releases the microphone. */
  unplug(): void;
  /** Only while unplugged. */
  setNumber(number: string): void;
  dial(to: string): void;
  answer(): void;
  reject(): void;
  hangUp(): void;
  /** Holds a key down; released by `release`, at the latest after 2 s. */
  press(digit: string): void;
  release(): void;
  /** Speaks a text in tones that a local model understands, in a call, with or without a microphone. */
  say(text: string): void;
  setMuted(muted: boolean): void;
  setVoiceProcessing(on: boolean): Promise<void>;
  /** Also the way to ask again after a refusal. */
  chooseMicrophone(deviceId: string): Promise<void>;
  chooseSpeaker(deviceId: string): Promise<void>;
}
