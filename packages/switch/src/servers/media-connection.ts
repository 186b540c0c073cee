import type { Clock } from '@agentao/clock';
import {
  type CloseCodeName,
  closeCodes,
  decodeMediaClient,
  frameSamples,
  limits as wire,
  type MediaAttach,
  type MutableFrameHeader,
  ProtocolError,
  readFrameHeader,
} from '@agentao/protocol';
import type { Call } from '../calls/call.ts';
import type { MediaGrant } from '../offers/media-tokens.ts';
import { randomToken } from '../offers/random-text.ts';
import { type KeepAlive, keepAlive } from './keep-alive.ts';
import type { Logger } from './logger.ts';
import { createMediaLink } from './media-link.ts';
import type { Peer, PeerEnd } from './peer.ts';
import type { ServerLimits } from './server-limits.ts';

/** What media connections share. */
export interface MediaConnectionContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: ServerLimits;
}

/** One media connection. */
export interface MediaConnection {
  readonly keyId: string;
  close(name: CloseCodeName, reason?: string): void;
}

type State =
  | { readonly name: 'fresh' }
  | { readonly name: 'attached'; readonly release: () => void; readonly alive: KeepAlive }
  | { readonly name: 'over' };

/** Speaks `agentao.media.v1` for one call until either side is gone; is one of `connections` for as long. */
export function openMediaConnection(
  peer: Peer,
  grant: MediaGrant,
  options: MediaConnectionContext & { readonly connections: Set<MediaConnection> },
): void {
  const { clock, logger, limits, connections } = options;
  const { offer, clientId, keyId } = grant;
  const { call } = offer;
  const { callId } = call;
  const connection: MediaConnection = { keyId, close: (name, reason) => peer.close(name, reason) };
  const openedMs = clock.now();
  const header: MutableFrameHeader = { track: 0, generation: 0, flags: 0, position: 0 };
  let state: State = { name: 'fresh' };

  /** Gives back what the agent held. Returns the state it was in. */
  const leave = (): State['name'] => {
    const last = state;
    state = { name: 'over' };
    if (last.name === 'attached') {
      last.alive.stop();
      last.release();
    }
    return last.name;
  };

  const attach = (message: MediaAttach): void => {
    const release = offer.accept();
    if (release === undefined) return;
    const alive = keepAlive(peer, {
      clock,
      everyMs: wire.mediaPingMs,
      quietMs: wire.mediaPingMs,
      deadMs: wire.mediaDeadMs,
    });
    state = { name: 'attached', release, alive };
    // The first message takes one round trip from the moment the socket opens.
    const firstRoundTripMs = clock.now() - openedMs;
    const roundTripMs = (): number => alive.roundTripMs ?? firstRoundTripMs;
    const onEnded = (): void => {
      leave();
      peer.close('NORMAL');
    };
    const link = createMediaLink(peer, { clock, limits, call, clientId, attach: message, roundTripMs, onEnded });
    const attachment = call.attach(link);
    if (attachment === undefined) {
      peer.close('NORMAL', 'the call is no longer to be had');
      return;
    }
    const { resumeWindowMs: resumeWithinMs } = wire;
    peer.send({ type: 'attached', ...attachment, resumeToken: randomToken('rt'), resumeWithinMs });
    logger.info({ callId, clientId, sampleRateHz: message.sampleRateHz }, 'agent attached');
  };

  const text = (raw: string): void => {
    const message = decodeMediaClient(raw);
    logger.debug({ callId, type: message.type }, 'media message');
    const { type } = message;
    if (type === 'unknown') return;
    if (type === 'ping') {
      peer.send({ type: 'pong', id: message.id });
    } else if (type === 'pong') {
      if (state.name === 'attached') state.alive.pong(message.id);
    } else if (type === 'resume') {
      throw new ProtocolError('OUT_OF_ORDER', 'resume is not available');
    } else if (type === 'attach') {
      if (state.name !== 'fresh') throw new ProtocolError('OUT_OF_ORDER', 'a second attach');
      attach(message);
    } else if (state.name !== 'attached') {
      throw new ProtocolError('OUT_OF_ORDER', `${type} before attach`);
    } else if (type === 'refused') {
      const { id, code, message: why } = message;
      peer.send({ type: 'response', id, ok: false, error: { code, message: why } });
    } else if (type === 'mark') {
      call.mark(message.position);
    } else {
      call.command(message);
    }
  };

  const binary = (bytes: Uint8Array): void => {
    if (state.name !== 'attached') throw new ProtocolError('OUT_OF_ORDER', 'audio before attach');
    readFrameHeader(bytes, header);
    call.audio(header, frameSamples(bytes));
  };

  connections.add(connection);
  peer.start({
    text,
    binary,
    over: (end) => {
      connections.delete(connection);
      const last = leave();
      logger.info({ callId, clientId, by: end.by, code: end.code }, 'media connection over');
      if (last === 'fresh') offer.cancel('expired');
      if (last === 'attached') reportLoss(call, end);
    },
  });
  offer.onSettled((outcome) => {
    if (outcome === 'accepted') return;
    peer.close(outcome === 'expired' ? 'HANDSHAKE_TIMEOUT' : 'NORMAL', `the offer no longer stands: ${outcome}`);
  });
}

/** Tells the call that its agent is gone. Later in the same turn, because the call itself may be the one that is sending. */
function reportLoss(call: Call, { by, code }: PeerEnd): void {
  queueMicrotask(() => {
    if (by === 'peer' && code === closeCodes.FORCE_DISCONNECT.code) call.forceDisconnect();
    else call.agentLost();
  });
}
