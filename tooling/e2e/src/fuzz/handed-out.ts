/** What a switch has handed out, to be shown to it again: the newest of each name. */
export interface HandedOut {
  /** Notes what a message or an answer holds. */
  note(fields: unknown): void;
  set(name: string, value: string): void;
  /** The text with `$name` replaced by what was last handed out by that name; by `none` if nothing was. */
  fill(text: string): string;
}

const names: Readonly<Record<string, string>> = {
  mediaToken: 'token',
  resumeToken: 'resume',
  offerId: 'offer',
  callId: 'call',
  ticket: 'ticket',
  token: 'signIn',
  connectorUuid: 'connector',
};

/** Has handed out nothing. */
export function createHandedOut(): HandedOut {
  const values = new Map<string, string>();
  return {
    note: (fields) => {
      if (typeof fields !== 'object' || fields === null) return;
      for (const [field, value] of Object.entries(fields)) {
        const name = names[field];
        if (name !== undefined && typeof value === 'string') values.set(name, value);
      }
    },
    set: (name, value) => void values.set(name, value),
    fill: (text) => text.replaceAll(/\$([a-zA-Z]+)/g, (_, name: string) => values.get(name) ?? 'none'),
  };
}
