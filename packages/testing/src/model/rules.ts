/**
 * What a local model says and does: JSON, in a file beside the app. Rules are tried in their order; the first whose conditions all hold is taken.
 * Strings of what it says, and of arguments, may hold `{name}` of what was captured and `{result.path}` of the last tool's answer.
 */
export interface ModelRules {
  /** Lower-case words of the caller that the model knows beside those in the rules; nothing needs it but a reader. */
  readonly about?: string;
  readonly rules: readonly ModelRule[];
  /** Said where no rule holds. Default: `Sorry?` */
  readonly otherwise?: string;
}

/** One rule. Without conditions it holds always. */
export interface ModelRule {
  /**
   * What the caller said in this turn: words that must be there in this order, as a regular expression without regard to case; its named groups
   * are captured. Text that was typed counts as said.
   */
  readonly hears?: string;
  /** The last tool that answered in this turn; `hears` is then not asked for again. */
  readonly after?: string;
  /** Fields of the tool's answer that must have these values; `{ "error": true }`: any error. */
  readonly result?: Readonly<Record<string, unknown>>;
  /** Only in this state of the conversation; it begins in `start`. */
  readonly state?: string;
  /** At most this often in a call. */
  readonly times?: number;
  /** Says this. */
  readonly say?: string;
  /** Calls tools: together, after what it says. Their answers are looked for with `after`, one by one. */
  readonly call?: ToolWish | readonly ToolWish[];
  /** Goes on in this state. */
  readonly become?: string;
  /** Only with the local server: what goes wrong here. */
  readonly fault?: 'go-away' | 'go-away-mid-sentence' | 'drop' | 'malformed' | 'stall' | 'cancel-tools';
}

/** A tool that a rule calls. */
export interface ToolWish {
  readonly name: string;
  readonly args?: Readonly<Record<string, unknown>>;
}
