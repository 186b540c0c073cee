/** Who this page is for the switch, as `POST /session` and `GET /session` say. */
export interface Session {
  readonly role: 'viewer' | 'operator';
  /** Whether softphones may dial and choose their number: a switch in dev mode. */
  readonly mayDial: boolean;
  /** Numbers that lead to an agent. */
  readonly numbers: readonly string[];
}

/** The door to the switch: signed in or not, and tickets for sockets. */
export interface Door {
  readonly state: DoorState;
  /** Called after each change of `state`. Returns what unsubscribes. */
  subscribe(listener: () => void): () => void;
  /** A one-use ticket for one socket. Rejects with {@link DoorError}; `SIGNED_OUT` also moves `state`. */
  ticket(): Promise<string>;
  /** A socket was closed because its session is over (4401): `state` becomes `signed-out`. */
  sessionOver(): void;
  /** A link with which somebody else, or another browser, signs in once. Operators only. */
  invite(role: Session['role']): Promise<string>;
  /** Never rejects. */
  signOut(): Promise<void>;
}

/** `signed-out` says why; `unreachable` is tried again by itself, with what was under way. */
export type DoorState =
  | { readonly name: 'signing-in' }
  | { readonly name: 'signed-in'; readonly session: Session }
  | { readonly name: 'signed-out'; readonly why: 'no-link' | 'link-used' | 'session-over' | 'signed-out' }
  | { readonly name: 'unreachable' };

/** Why the switch gave no ticket or invitation. */
export class DoorError extends Error {
  override readonly name = 'DoorError';
  readonly code: 'SIGNED_OUT' | 'FORBIDDEN' | 'UNREACHABLE';

  constructor(code: DoorError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
