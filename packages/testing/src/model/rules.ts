/**
 * What a local model says and does: JSON, in a file beside the app. Rules are tried in their order; the first whose conditions all hold is taken.
 * Strings of what it says, and of arguments, may hold `{name}` of what was captured and `{result.path}` of the last tool's answer; lists are joined
 * with commas. An argument that is nothing but `{result.path}` keeps the type it had, one that is nothing but `{name:number}` is a number.
 */
export interface ModelRules {
  /** For who reads the file. */
  readonly about?: string;
  /**
   * What a caller says, line by line, when `agentao start <app>` shows the app; the model does not look at it. A line in brackets is what somebody
   * does: `(presses 1)`, `(hangs up)`, and, from then on when the callee's phone rings, `(callee answers)` or `(callee rejects)`.
   */
  readonly demo?: readonly string[];
  readonly rules: readonly ModelRule[];
  /** Said where no rule holds for what the caller said. Default: `Sorry?` */
  readonly otherwise?: string;
}

/** One rule. Without `hears` and `after` it holds for whatever the caller says. */
export interface ModelRule {
  /**
   * What the caller said in this turn: a regular expression that is looked for anywhere in it, without regard to case; its named groups are captured.
   * The text is in lower case, with single spaces and without the punctuation around words. Text that was typed counts as said. It runs as it is: one
   * that backtracks without end, such as `(a+)+$`, stops whoever runs the rules.
   */
  readonly hears?: string;
  /** The tool that has answered. Only rules with `after` are looked at then, and `hears` is not asked for; where none holds, nothing is said. */
  readonly after?: string;
  /** Fields of the tool's answer that must have these values; `{ "error": true }`: any error. */
  readonly result?: Readonly<Record<string, unknown>>;
  /** Only in this state of the conversation; it begins in `start`. */
  readonly state?: string;
  /** At most this often in a call. */
  readonly times?: number;
  /** Says this. */
  readonly say?: string;
  /**
   * Calls tools: together, after what it says. Their answers are looked for with `after`, one by one. Rules that call tools after tools again and again
   * do so 64 times; then nothing is called until the caller speaks.
   */
  readonly call?: ToolWish | readonly ToolWish[];
  /** Goes on in this state. */
  readonly become?: string;
  /**
   * What goes wrong here; all but `cancel-tools` only with the local server. `cancel-tools` cancels the tools that this rule calls soon after; without
   * calls, those that are running, and such a rule is looked for even while the model waits for them.
   */
  readonly fault?: ModelFault;
}

/** What can go wrong on request. */
export type ModelFault = 'go-away' | 'go-away-mid-sentence' | 'drop' | 'malformed' | 'stall' | 'cancel-tools';

/** A tool that a rule calls. */
export interface ToolWish {
  readonly name: string;
  readonly args?: Readonly<Record<string, unknown>>;
}
