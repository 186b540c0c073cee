import type { Clock, Timer } from '@agentao/clock';
import {
  type CloseCodeName,
  decodeMediaClient,
  frameSamples,
  type IncomingTrack,
  limits as wire,
  type MediaAttach,
  type MediaRateHz,
  type MediaResume,
  type MutableFrameHeader,
  ProtocolError,
  readFrameHeader,
} from '@agentao/protocol';
import type { AgentLink } from '../calls/agent-link.ts';
import type { Credential } from '../connectors/credential.ts';
import type { MediaGrant } from '../offers/media-tokens.ts';
import type { Presence } from '../offers/presence.ts';
import { type KeepAlive, keepAlive } from './keep-alive.ts';
import type { Logger } from './logger.ts';
import { type Carrier, createMediaAgent, isReplaced, type MediaAgent } from './media-agent.ts';
import { createMediaLink } from './media-link.ts';
import type { Peer } from './peer.ts';
import type { ResumeTokens } from './resume-tokens.ts';
import type { ServerLimits } from './server-limits.ts';

/** What media connections share. */
export interface MediaConnectionContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: ServerLimits;
  readonly presence: Presence;
}

/** One media connection. */
export interface MediaConnection {
  readonly credential: Credential;
  /** That of its call. */
  readonly connectorUuid: string;
  close(name: CloseCodeName, reason?: string): void;
  /** The socket is gone, with the code that the peer has seen; 1006 where it may have seen nothing. */
  gone(code: number): void;
}

/** What a connection was opened with: the token of an offer, or one that an agent on a call had for this. */
export type MediaEntry =
  | { readonly by: 'offer'; readonly grant: MediaGrant }
  | { readonly by: 'resume'; readonly token: string; readonly agent: MediaAgent; readonly credential: Credential };

/** Connections that are open only because their agents may still annotate. */
export interface NotingConnections {
  add(connection: MediaConnection): void;
  delete(connection: MediaConnection): void;
}

/** All connections, and the agents that are on them or away. */
export interface MediaRegister {
  readonly connections: Set<MediaConnection>;
  /** Those that are open only because their agents may still annotate. */
  readonly noting: NotingConnections;
  readonly agents: Set<MediaAgent>;
  readonly tokens: ResumeTokens<MediaAgent>;
}

type Over = Extract<MediaAgent['state'], { readonly name: 'over' }>;

type State =
  | { readonly name: 'fresh' }
  | { readonly name: 'attached'; readonly agent: MediaAgent; readonly alive: KeepAlive }
  | { readonly name: 'over' };

/** Speaks `agentao.media.v1` for one call until either side is gone. */
export function openMediaConnection(
  peer: Peer,
  entry: MediaEntry,
  options: MediaConnectionContext & { readonly register: MediaRegister },
): MediaConnection {
  const { clock, logger, limits, register } = options;
  const { connections, noting, agents, tokens } = register;
  const { call, clientId, credential } = subjectOf(entry);
  const { callId } = call;
  const openedMs = clock.now();
  /** Runs while the agent may still annotate, its part being over. */
  let notesTimer: Timer | undefined;
  const header: MutableFrameHeader = { track: 0, generation: 0, flags: 0, position: 0 };
  const carrier: Carrier = {
    get lastReceivedMs() {
      return peer.socket.lastReceivedMs;
    },
    close: (name) => peer.close(name),
    over: (untilMs) => {
      if (untilMs === undefined || untilMs <= clock.now()) peer.close('NORMAL');
      else {
        notesTimer = clock.setTimer(untilMs, () => peer.close('NORMAL'));
        noting.add(connection);
      }
    },
  };
  let state: State = { name: 'fresh' };
  /** The token that the client was given here, until it has shown that it has it. */
  let untold: string | undefined;
  const helloTimer =
    entry.by === 'offer'
      ? undefined
      : clock.setTimer(clock.now() + wire.helloTimeoutMs, () => peer.close('HANDSHAKE_TIMEOUT'));

  const connection: MediaConnection = {
    credential,
    connectorUuid: call.connectorUuid,
    close: (name, reason) => peer.close(name, reason),
    gone: (code) => {
      // A client that has read to the end knows how its part ended.
      const agent = carried;
      if (agent?.state.name === 'over' && !isReplaced(agent.state.farewell) && code !== 1006) {
        tokens.forget(agent);
      }
    },
  };
  let carried: MediaAgent | undefined;

  const startAlive = (): KeepAlive =>
    keepAlive(peer, { clock, everyMs: wire.mediaPingMs, quietMs: wire.mediaPingMs, deadMs: wire.mediaDeadMs });

  const linkWith = (sampleRateHz: MediaRateHz, tracks: readonly IncomingTrack[], alive: KeepAlive): AgentLink => {
    // The first message takes one round trip from the moment the socket opens.
    const firstRoundTripMs = clock.now() - openedMs;
    return createMediaLink(peer, {
      clock,
      limits,
      call,
      clientId,
      sampleRateHz,
      tracks,
      roundTripMs: () => alive.roundTripMs ?? firstRoundTripMs,
      onEnded: (farewell) => {
        const agent = carried;
        if (agent === undefined) return;
        agents.delete(agent);
        tokens.retire(agent, wire.resumeWindowMs);
        agent.ended(farewell);
      },
    });
  };

  const enter = (agent: MediaAgent, alive: KeepAlive): void => {
    carried = agent;
    state = { name: 'attached', agent, alive };
  };

  const giveToken = (agent: MediaAgent): { readonly resumeToken: string; readonly resumeWithinMs: number } => {
    untold = tokens.issue(agent);
    return { resumeToken: untold, resumeWithinMs: wire.resumeWindowMs };
  };

  const attach = (message: MediaAttach, { offer }: MediaGrant): void => {
    const { sampleRateHz, tracks = ['mix'], annotateAfterEnd = false } = message;
    const release = offer.accept();
    if (release === undefined) return;
    const alive = startAlive();
    const link = linkWith(sampleRateHz, tracks, alive);
    const attachment = call.attach(link);
    if (attachment === undefined) {
      alive.stop();
      release();
      peer.close('NORMAL', 'the call is no longer to be had');
      return;
    }
    const { epoch, ...standing } = attachment;
    const { presence } = options;
    const who = { presence, call, clientId, credential, epoch, release };
    const agent = createMediaAgent({ ...who, clock, sampleRateHz, annotateAfterEnd, carrier, link });
    agents.add(agent);
    enter(agent, alive);
    peer.send({ type: 'attached', ...standing, ...giveToken(agent) });
    logger.info({ callId, clientId, sampleRateHz }, 'agent attached');
  };

  const resume = (message: MediaResume, { agent, token }: Extract<MediaEntry, { readonly by: 'resume' }>): void => {
    if (tokens.find(token) !== agent) {
      peer.close('DISPLACED', 'the token has been used meanwhile');
      return;
    }
    helloTimer?.cancel();
    tokens.shown(agent, token);
    if (agent.state.name === 'over') {
      sayFarewell(agent, agent.state, message.lastEventSeq);
      return;
    }
    const alive = startAlive();
    const link = linkWith(agent.sampleRateHz, [], alive);
    const sinceMs = agent.board(carrier, link);
    agent.credential = credential;
    enter(agent, alive);
    const { received, lastEventSeq, generation } = message;
    const back = { epoch: agent.epoch, sinceMs, received, lastEventSeq, generation };
    const taken = call.resume(link, back, (resumption) => {
      peer.send({ type: 'resumed', ...resumption, ...giveToken(agent) });
    });
    if (!taken) peer.close('TAKEN_OVER');
    else logger.info({ callId, clientId }, 'agent resumed');
  };

  /** Tells a client that comes back after the end what it has missed. */
  const sayFarewell = (agent: MediaAgent, { farewell, notesUntilMs }: Over, lastEventSeq: number): void => {
    const { reason: _, events, answer: __, played: upTo, ...standing } = farewell;
    if (isReplaced(farewell)) {
      carried = agent;
      peer.close('TAKEN_OVER');
      return;
    }
    enter(agent, startAlive());
    agent.cameLate(carrier);
    const over = { state: 'DISCONNECTED', mode: null, upTo, played: upTo, replayFrom: {} } as const;
    peer.send({ type: 'resumed', ...standing, ...over, ...giveToken(agent) });
    for (const { seq, event } of events) if (seq > lastEventSeq) peer.send({ type: 'event', seq, event });
    carrier.over(notesUntilMs);
  };

  /** What the client says behind its first message shows that it has been answered. */
  const heard = (agent: MediaAgent): void => {
    if (untold === undefined) return;
    tokens.shown(agent, untold);
    untold = undefined;
  };

  const text = (raw: string): void => {
    const message = decodeMediaClient(raw);
    logger.debug({ callId, type: message.type }, 'media message');
    const { type } = message;
    if (type === 'unknown') return;
    if (type === 'ping') {
      peer.send({ type: 'pong', id: message.id });
    } else if (type === 'attach') {
      if (state.name !== 'fresh' || entry.by !== 'offer') throw new ProtocolError('OUT_OF_ORDER', 'attach is not due');
      attach(message, entry.grant);
    } else if (type === 'resume') {
      if (state.name !== 'fresh' || entry.by !== 'resume') throw new ProtocolError('OUT_OF_ORDER', 'resume is not due');
      resume(message, entry);
    } else if (type === 'pong') {
      if (state.name !== 'attached') return;
      heard(state.agent);
      state.alive.pong(message.id);
    } else if (state.name !== 'attached') {
      throw new ProtocolError('OUT_OF_ORDER', `${type} before ${entry.by === 'offer' ? 'attach' : 'resume'}`);
    } else {
      const { agent } = state;
      heard(agent);
      if (type === 'refused') {
        const { id, code, message: why } = message;
        peer.send({ type: 'response', id, ok: false, error: { code, message: why } });
      } else if (agent.state.name === 'over') {
        if (type !== 'mark') peer.send(agent.state.farewell.answer(message));
      } else if (type === 'mark') {
        call.mark(message.position);
      } else {
        call.command(message);
      }
    }
  };

  const binary = (bytes: Uint8Array): void => {
    if (state.name !== 'attached') throw new ProtocolError('OUT_OF_ORDER', 'audio before attach or resume');
    if (untold !== undefined) heard(state.agent);
    readFrameHeader(bytes, header);
    const samples = frameSamples(bytes);
    // What was under way when its part ended belongs to nobody, least of all to who has the call now.
    if (state.agent.state.name !== 'over') call.audio(header, samples);
  };

  connections.add(connection);
  peer.start({
    text,
    binary,
    over: (end) => {
      connections.delete(connection);
      noting.delete(connection);
      helloTimer?.cancel();
      notesTimer?.cancel();
      const last = state;
      state = { name: 'over' };
      logger.info({ callId, clientId, by: end.by, code: end.code }, 'media connection over');
      if (last.name === 'fresh' && entry.by === 'offer') entry.grant.offer.cancel('expired');
      if (last.name !== 'attached') return;
      last.alive.stop();
      last.agent.lost(carrier, end, entry.by === 'resume' || untold === undefined);
    },
  });
  if (entry.by === 'offer') {
    entry.grant.offer.onSettled((outcome) => {
      if (outcome === 'accepted') return;
      peer.close(outcome === 'expired' ? 'HANDSHAKE_TIMEOUT' : 'NORMAL', `the offer no longer stands: ${outcome}`);
    });
  }
  return connection;
}

function subjectOf(entry: MediaEntry): Pick<MediaAgent, 'call' | 'clientId' | 'credential'> {
  if (entry.by === 'resume')
    return { call: entry.agent.call, clientId: entry.agent.clientId, credential: entry.credential };
  const { offer, clientId, credential } = entry.grant;
  return { call: offer.call, clientId, credential };
}
