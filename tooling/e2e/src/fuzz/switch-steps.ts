/** Something that a stranger does to a switch. Texts may hold `$names` of what the switch has handed out. */
export type SwitchStep =
  | {
      readonly do: 'open';
      readonly line: number;
      readonly path: string;
      readonly subprotocols: readonly string[];
      readonly headers: Readonly<Record<string, string>>;
      /** Answers pings. */
      readonly polite: boolean;
    }
  | { readonly do: 'text'; readonly line: number; readonly text: string }
  | { readonly do: 'bytes'; readonly line: number; readonly hex: string }
  | {
      /** Audio at the position that is due, or another. */
      readonly do: 'audio';
      readonly line: number;
      readonly samples: number;
      readonly generation?: number;
      readonly position?: number;
      readonly flags?: number;
      readonly track?: number;
    }
  | { readonly do: 'close'; readonly line: number; readonly code: number }
  | { readonly do: 'cut' | 'halfOpen' | 'stall' | 'resume'; readonly line: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'dial'; readonly phone: number; readonly to: string }
  | { readonly do: 'hangUp'; readonly phone: number }
  | { readonly do: 'press'; readonly phone: number }
  /** Its key is no longer good. */
  | { readonly do: 'revoke' }
  | {
      readonly do: 'http';
      readonly method: string;
      readonly path: string;
      readonly query: string;
      readonly headers: Readonly<Record<string, string>>;
    };

/** Lines a stranger has, and phones. */
export const rogueLines = 6;
/** Phones that dial; the called ones are `rogueCallees`. */
export const rogueCallers: readonly string[] = ['+15557000', '+15557001', '+15557002'];
/** Answers after a moment, rejects, never answers. */
export const rogueCallees: readonly string[] = ['+15556000', '+15556001', '+15556002'];
/** How long the waits of a case last at most, together. */
export const longestMs = 6_000;
