import type { Clock } from '@agentao/clock';
import { type CloseCodeName, closeCodes, limits, type MediaRateHz } from '@agentao/protocol';
import type { AgentFarewell, AgentLink } from '../calls/agent-link.ts';
import type { Call } from '../calls/call.ts';
import type { Credential } from '../connectors/credential.ts';
import type { Presence, PresenceWatch } from '../offers/presence.ts';
import type { PeerEnd } from './peer.ts';

/** A media connection, as the agent that it carries sees it. */
export interface Carrier {
  /** Monotonic time of the last frame from the client. */
  readonly lastReceivedMs: number;
  close(name: CloseCodeName): void;
  /** The agent's part is over. It may annotate until `untilMs`; undefined if it did not ask for that. */
  over(untilMs: number | undefined): void;
}

/** How the switch sees a connection end: said goodbye to, ended by the peer's system, fallen silent, or in another way. */
export type Loss = 'goodbye' | 'cut' | 'silent' | 'other';

/** Whether the call went on, or may have gone to somebody else, without the agent's doing: one that comes back finds `TAKEN_OVER`. */
export function isReplaced({ reason }: AgentFarewell): boolean {
  return reason === 'media_lost' || reason === 'taken_over';
}

/**
 * Where a client's part in a call is: on a connection, lost and waited for, or over. An agent that was waited for in vain is over with the
 * reason `media_lost`.
 */
export type MediaAgentState =
  | { readonly name: 'connected'; readonly carrier: Carrier; readonly link: AgentLink }
  | { readonly name: 'away'; readonly loss: Loss; readonly sinceMs: number; readonly link: AgentLink }
  | {
      readonly name: 'over';
      readonly farewell: AgentFarewell;
      /** Until when it may annotate. */
      readonly notesUntilMs: number | undefined;
      /** Its newest connection, which may be gone. */
      readonly carrier: Carrier | undefined;
    };

/** One client's part in one call, whatever connections carry it. */
export interface MediaAgent {
  readonly call: Call;
  readonly clientId: string;
  readonly sampleRateHz: MediaRateHz;
  /** Which of the call's agents it is. */
  readonly epoch: number;
  /** That of its newest connection. */
  credential: Credential;
  readonly state: MediaAgentState;
  /** It is on `carrier` from now on; a connection that it is still on is displaced. Returns since when that was of no use. */
  board(carrier: Carrier, link: AgentLink): number;
  /** `carrier` has ended. `told`: the client is known to have a token to come back with. */
  lost(carrier: Carrier, end: PeerEnd, told: boolean): void;
  /** Its part in the call is over. */
  ended(farewell: AgentFarewell): void;
  /** It has come back on `carrier` after that, to be told; a connection that it is still on is displaced. */
  cameLate(carrier: Carrier): void;
  /** It is not waited for any longer. */
  giveUp(): void;
}

/** What a client's part in a call is made of. */
export interface MediaAgentOptions {
  readonly clock: Clock;
  readonly presence: Presence;
  readonly call: Call;
  readonly clientId: string;
  readonly credential: Credential;
  readonly sampleRateHz: MediaRateHz;
  readonly epoch: number;
  /** Whether it wants to annotate after the end. */
  readonly annotateAfterEnd: boolean;
  readonly carrier: Carrier;
  readonly link: AgentLink;
  /** Gives back the client's place with the router. */
  readonly release: () => void;
}

/**
 * How long a lost agent is waited for when its process is gone, by all that is known, because its system ended both its connections; and
 * when it may never have been told that it has the call.
 */
const shortMs = 1_000;

/** What a socket reports that ended without a close frame. */
const lostCode = 1006;

/** How long when it fell silent. In all other ways of losing it the whole window. */
const silentMs = 5_000;

/** How an end is to be taken. A close code that makes no sense to repeat means that the client will not be back. */
export function lossOf({ by, code }: PeerEnd): Loss {
  if (by === 'switch' && code === closeCodes.LIVENESS_LOST.code) return 'silent';
  if (by === 'peer' && code === lostCode) return 'cut';
  return Object.values(closeCodes).some((known) => known.code === code && !known.retry) ? 'goodbye' : 'other';
}

/** Makes the part of a client that has just taken a call. */
export function createMediaAgent(options: MediaAgentOptions): MediaAgent {
  const { clock, presence, call, clientId, sampleRateHz, epoch, release } = options;
  let state: MediaAgentState = { name: 'connected', carrier: options.carrier, link: options.link };

  const waitMs = (loss: Loss, control: PresenceWatch, told: boolean): number => {
    if (!told) return shortMs;
    if (loss === 'silent') return silentMs;
    const cutTogether = control.cutMs !== undefined && clock.now() - control.cutMs <= shortMs;
    return loss === 'cut' && cutTogether ? shortMs : limits.resumeWindowMs;
  };

  const control = presence.watch(clientId, () => {
    if (state.name !== 'away' || state.loss !== 'cut') return;
    call.agentAway(state.link, { sinceMs: state.sinceMs, forMs: shortMs });
  });

  return {
    call,
    clientId,
    sampleRateHz,
    epoch,
    credential: options.credential,
    get state() {
      return state;
    },

    board(carrier, link) {
      const last = state;
      state = { name: 'connected', carrier, link };
      if (last.name === 'away') return last.sinceMs;
      if (last.name === 'over') return clock.now();
      const { lastReceivedMs } = last.carrier;
      last.carrier.close('DISPLACED');
      return lastReceivedMs;
    },

    lost(carrier, end, told) {
      if (state.name !== 'connected' || state.carrier !== carrier) return;
      const { link } = state;
      const loss = lossOf(end);
      const sinceMs = loss === 'silent' ? carrier.lastReceivedMs : clock.now();
      const away: MediaAgentState = { name: 'away', loss, sinceMs, link };
      state = away;
      // Later in the same turn, because the call itself may be the one that is sending.
      queueMicrotask(() => {
        if (state !== away) return;
        if (end.by === 'peer' && end.code === closeCodes.FORCE_DISCONNECT.code) call.forceDisconnect();
        else if (loss === 'goodbye') call.agentLost();
        else call.agentAway(link, { sinceMs, forMs: waitMs(loss, control, told) });
      });
    },

    ended(farewell) {
      const last = state;
      if (last.name === 'over') return;
      const notesUntilMs = options.annotateAfterEnd ? clock.now() + limits.lateAnnotateMs : undefined;
      const carrier = last.name === 'connected' ? last.carrier : undefined;
      state = { name: 'over', farewell, notesUntilMs, carrier };
      control.stop();
      release();
      carrier?.over(notesUntilMs);
    },

    cameLate(carrier) {
      const last = state;
      if (last.name !== 'over') return;
      state = { ...last, carrier };
      last.carrier?.close('DISPLACED');
    },

    giveUp() {
      if (state.name === 'away') call.agentLost();
    },
  };
}
