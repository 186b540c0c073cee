import type { Clock } from '@agentao/clock';
import {
  type CallEventMessage,
  encodeFrame,
  frameFlags,
  type IncomingTrack,
  type MediaAttach,
  tracks,
} from '@agentao/protocol';
import type { AgentLink } from '../calls/agent-link.ts';
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
  readonly attach: MediaAttach;
  readonly roundTripMs: () => number;
  /** The agent's part is over, as far as the call is concerned. */
  readonly onEnded: () => void;
}

/** The agent's end of a call over a media connection: everything that goes out to the client. */
export function createMediaLink(peer: Peer, options: MediaLinkOptions): AgentLink {
  const { clock, limits, call, clientId, attach } = options;
  const { sampleRateHz } = attach;
  const gate = createAudioGate({
    clock,
    boundBytes: (limits.unreadAudioMs * sampleRateHz * 2) / 1_000,
    stalledMs: limits.stalledMs,
  });
  const dropped: Record<IncomingTrack, number> = { mix: 0, caller: 0, callee: 0 };
  let lastSeq = 0;

  const event = (message: CallEventMessage): void => {
    peer.send({ type: 'event', seq: ++lastSeq, event: message });
  };

  return {
    clientId,
    sampleRateHz,
    tracks: attach.tracks ?? ['mix'],
    get roundTripMs() {
      return options.roundTripMs();
    },
    audio: (track, samples, { position, gapBefore }) => {
      if (!peer.open) return;
      const state = gate.check(peer.unreadBytes);
      if (state === 'stalled') {
        peer.close('SLOW_READER');
        return;
      }
      if (state === 'shut') {
        dropped[track] += samples.length;
        return;
      }
      const droppedSamples = dropped[track];
      const flags = gapBefore || droppedSamples > 0 ? frameFlags.gapBefore : 0;
      peer.sendBytes(encodeFrame({ track: tracks[track], generation: 0, flags, position }, samples));
      if (droppedSamples === 0) return;
      dropped[track] = 0;
      event({ type: 'call.audio_overflow', atMs: call.atMs, party: track, droppedSamples });
    },
    event,
    response: (response) => peer.send(response),
    credit: (generation, upTo) => peer.send({ type: 'credit', generation, upTo }),
    playout: (generation, played) => {
      const audible = call.state !== 'PENDING' && call.mode !== 'spy';
      peer.send({ type: 'playout', generation, played, audible, atMs: call.atMs });
    },
    ended: options.onEnded,
  };
}
