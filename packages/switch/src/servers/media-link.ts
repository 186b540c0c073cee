import type { Clock } from '@agentao/clock';
import { encodeFrame, frameFlags, type IncomingTrack, type MediaRateHz, tracks } from '@agentao/protocol';
import type { AgentFarewell, AgentLink } from '../calls/agent-link.ts';
import type { Call } from '../calls/call.ts';
import { createAudioGate } from './audio-gate.ts';
import type { Peer } from './peer.ts';
import type { ServerLimits } from './server-limits.ts';

/** What a link is given. */
export interface MediaLinkOptions {
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly call: Call;
  readonly clientId: string;
  readonly sampleRateHz: MediaRateHz;
  /** The incoming tracks to begin with. */
  readonly tracks: readonly IncomingTrack[];
  readonly roundTripMs: () => number;
  /** The agent's part is over, as far as the call is concerned. */
  readonly onEnded: (farewell: AgentFarewell) => void;
}

/** The agent's end of a call over one media connection: everything that goes out to the client. */
export function createMediaLink(peer: Peer, options: MediaLinkOptions): AgentLink {
  const { clock, limits, call, clientId, sampleRateHz } = options;
  const gate = createAudioGate({
    clock,
    boundBytes: (limits.unreadAudioMs * sampleRateHz * 2) / 1_000,
    stalledMs: limits.stalledMs,
  });

  return {
    clientId,
    sampleRateHz,
    tracks: options.tracks,
    get roundTripMs() {
      return options.roundTripMs();
    },
    audio: (track, samples, { position, gapBefore, replayed }) => {
      if (!peer.open) return true;
      const state = gate.check(peer.unreadBytes);
      if (state === 'stalled') peer.close('SLOW_READER');
      if (state !== 'open') return false;
      const flags = (gapBefore ? frameFlags.gapBefore : 0) | (replayed ? frameFlags.replayed : 0);
      peer.sendBytes(encodeFrame({ track: tracks[track], generation: 0, flags, position }, samples));
      return true;
    },
    event: (event, seq) => peer.send({ type: 'event', seq, event }),
    response: (response) => peer.send(response),
    credit: (generation, upTo) => peer.send({ type: 'credit', generation, upTo }),
    playout: (generation, played) => {
      const audible = call.state !== 'PENDING' && call.mode !== 'spy';
      peer.send({ type: 'playout', generation, played, audible, atMs: call.atMs });
    },
    ended: options.onEnded,
  };
}
