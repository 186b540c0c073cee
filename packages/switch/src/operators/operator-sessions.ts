import type { Clock, Timer } from '@agentao/clock';
import { sha256Hex } from '../connectors/api-key.ts';
import { randomId, randomToken } from '../offers/random-text.ts';

/** What somebody may do: a viewer watches, an operator also makes calls and lets others in. */
export type OperatorRole = 'viewer' | 'operator';

/** How a session ended. */
export type SessionEnd = 'signed_out' | 'expired' | 'crowded_out' | 'shutdown';

/** One browser that has signed in. */
export interface OperatorSession {
  /** For logs; opens nothing. */
  readonly sessionId: string;
  readonly role: OperatorRole;
  readonly live: boolean;
  /** Milliseconds left; 0 once it has ended. */
  readonly expiresInMs: number;
  /** Calls `close` when the session ends, at once if it has. Returns what lets go. */
  hold(close: () => void): () => void;
  /** Ends the session and what it holds. Idempotent. */
  end(how: SessionEnd): void;
}

/** A session and the secret by which its browser shows that it is its own; kept nowhere else. */
export interface NewOperatorSession {
  readonly session: OperatorSession;
  readonly secret: string;
}

/** The sessions of a switch. Only hashes of their secrets are held. */
export interface OperatorSessions {
  /** Overflow policy: the oldest session ends. */
  open(role: OperatorRole): NewOperatorSession;
  /** The live session of a secret. */
  find(secret: string): OperatorSession | undefined;
  /** Ends all sessions. */
  close(): void;
}

/** What sessions are made of. */
export interface OperatorSessionsOptions {
  readonly clock: Clock;
  readonly lifetimeMs: number;
  readonly capacity: number;
  /** Told once per session, before what it holds is closed. */
  readonly onEnded: (session: OperatorSession, how: SessionEnd) => void;
}

/** Creates a store without sessions. */
export function createOperatorSessions(options: OperatorSessionsOptions): OperatorSessions {
  const { clock, lifetimeMs, capacity, onEnded } = options;
  const sessions = new Map<string, OperatorSession>();

  const createSession = (role: OperatorRole, hash: string): OperatorSession => {
    const held = new Set<() => void>();
    const expiresAtMs = clock.now() + lifetimeMs;
    let live = true;
    const end = (how: SessionEnd): void => {
      if (!live) return;
      live = false;
      timer.cancel();
      sessions.delete(hash);
      onEnded(session, how);
      for (const close of held) close();
      held.clear();
    };
    const timer: Timer = clock.setTimer(expiresAtMs, () => end('expired'));
    const session: OperatorSession = {
      sessionId: randomId('session'),
      role,
      get live() {
        return live;
      },
      get expiresInMs() {
        return live ? Math.max(0, Math.ceil(expiresAtMs - clock.now())) : 0;
      },
      hold: (close) => {
        if (!live) {
          close();
          return () => undefined;
        }
        held.add(close);
        return () => {
          held.delete(close);
        };
      },
      end,
    };
    return session;
  };

  return {
    open: (role) => {
      const oldest = sessions.values().next().value;
      if (sessions.size >= capacity) oldest?.end('crowded_out');
      const secret = randomToken('os');
      const hash = sha256Hex(secret);
      const session = createSession(role, hash);
      sessions.set(hash, session);
      return { session, secret };
    },
    find: (secret) => {
      const session = sessions.get(sha256Hex(secret));
      return session !== undefined && session.expiresInMs > 0 ? session : undefined;
    },
    close: () => {
      for (const session of [...sessions.values()]) session.end('shutdown');
    },
  };
}
