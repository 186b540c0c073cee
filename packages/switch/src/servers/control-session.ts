import type { Clock } from '@agentao/clock';
import { type CloseCodeName, type ControlHello, decodeControlClient, limits, ProtocolError } from '@agentao/protocol';
import type { TimelineEntry } from '../calls/call.ts';
import type { CredentialHolder } from '../connectors/connector-directory.ts';
import { type Credential, credentialFields } from '../connectors/credential.ts';
import type { MediaTokens } from '../offers/media-tokens.ts';
import type { Offer, OfferRouter, OfferSeat } from '../offers/offer-router.ts';
import { randomId } from '../offers/random-text.ts';
import { type KeepAlive, keepAlive } from './keep-alive.ts';
import { type Logger, maskNumber } from './logger.ts';
import type { Peer } from './peer.ts';
import { setWallTimer } from './wall-timer.ts';

/** What control sessions share. */
export interface ControlSessionContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly router: OfferRouter;
  readonly tokens: MediaTokens;
  /** Goes into offers: absolute, or a path on the switch's own origin. */
  readonly mediaUrl: string;
  readonly onTimeline: (entry: TimelineEntry) => void;
}

/** One control connection. */
export interface ControlSession {
  readonly credential: Credential;
  /** That of the hello; `undefined` before. */
  readonly connectorUuid: string | undefined;
  close(name: CloseCodeName, reason?: string): void;
}

type State =
  | { readonly name: 'fresh' }
  | { readonly name: 'open'; readonly seat: OfferSeat; readonly offers: Map<string, Offer>; readonly alive: KeepAlive }
  | { readonly name: 'over' };

/** Speaks `agentao.control.v1` with one client until either side is gone or its certificate expires; is one of `sessions` for as long. */
export function openControlSession(
  peer: Peer,
  holder: CredentialHolder,
  options: ControlSessionContext & { readonly sessions: Set<ControlSession> },
): void {
  const { clock, logger, router, tokens, sessions, onTimeline } = options;
  const { connectors, ...credential } = holder;
  const { certificate } = credential;
  const clientId = randomId('session');
  let connectorUuid: string | undefined;
  const session: ControlSession = {
    credential,
    get connectorUuid() {
      return connectorUuid;
    },
    close: (name, reason) => peer.close(name, reason),
  };
  let state: State = { name: 'fresh' };
  const helloTimer = clock.setTimer(clock.now() + limits.helloTimeoutMs, () => peer.close('HANDSHAKE_TIMEOUT'));
  const expired = (): void => peer.close('UNAUTHENTICATED', 'the client certificate has expired');
  const expiry = certificate && setWallTimer(clock, certificate.notAfterMs, expired);

  const offered = (offers: Map<string, Offer>, offer: Offer): void => {
    const { offerId, call } = offer;
    const { callId, callerNumber, calleeNumber, direction, takeover } = call;
    const mediaToken = tokens.issue({ offer, clientId, credential });
    offers.set(offerId, offer);
    offer.onSettled((outcome) => {
      offers.delete(offerId);
      if (outcome !== 'accepted') peer.send({ type: 'offer.cancelled', offerId, reason: outcome });
      logger.info({ callId, clientId, outcome }, 'offer settled');
    });
    logger.info({ callId, clientId, callerNumber: maskNumber(callerNumber) }, 'call offered');
    onTimeline({ callId, atMs: call.atMs, kind: 'offered', clientId, ...(takeover && { takeover: takeover.state }) });
    peer.send({
      type: 'offer',
      offerId,
      callId,
      callerNumber,
      calleeNumber,
      direction,
      mediaUrl: options.mediaUrl,
      mediaToken,
      acceptWithinMs: Math.max(1, Math.floor(offer.acceptByMs - clock.now())),
      ...(takeover && { takeover }),
    });
  };

  const greet = (hello: ControlHello): void => {
    const wanted = hello.connectorUuid;
    const connector =
      wanted === undefined && connectors.length === 1 ? connectors[0] : connectors.find(({ uuid }) => uuid === wanted);
    if (connector === undefined) {
      const message =
        wanted === undefined
          ? 'the credential fits several connectors: name one'
          : 'the credential does not fit this connector';
      peer.send({ type: 'error', code: 'FORBIDDEN', message });
      peer.close('FORBIDDEN', message);
      return;
    }
    helloTimer.cancel();
    connectorUuid = connector.uuid;
    const offers = new Map<string, Offer>();
    const seat = router.join({
      clientId,
      connectorUuid: connector.uuid,
      maxCalls: hello.maxCalls ?? Number.POSITIVE_INFINITY,
      acceptsTakeover: hello.acceptsTakeover ?? false,
      offered: (offer) => offered(offers, offer),
    });
    const { heartbeatMs } = limits;
    const alive = keepAlive(peer, { clock, everyMs: heartbeatMs, quietMs: 0, deadMs: 2 * heartbeatMs });
    state = { name: 'open', seat, offers, alive };
    const fields = { clientId, ...credentialFields(credential) };
    logger.info({ ...fields, connectorUuid: connector.uuid, client: hello.client }, 'client connected');
    peer.send({ type: 'welcome', sessionId: clientId, connectorUuid: connector.uuid, heartbeatMs });
  };

  const text = (raw: string): void => {
    const message = decodeControlClient(raw);
    logger.debug({ clientId, type: message.type }, 'control message');
    if (message.type === 'unknown') return;
    if (message.type === 'ping') {
      peer.send({ type: 'pong', id: message.id });
    } else if (state.name === 'fresh') {
      if (message.type === 'hello') greet(message);
      else if (message.type !== 'pong') throw new ProtocolError('OUT_OF_ORDER', `${message.type} before hello`);
    } else if (state.name === 'open') {
      switch (message.type) {
        case 'hello':
          throw new ProtocolError('OUT_OF_ORDER', 'a second hello');
        case 'ready':
          state.seat.setReady(message.ready);
          return;
        case 'decline':
          state.offers.get(message.offerId)?.cancel('declined');
          return;
        case 'pong':
          state.alive.pong(message.id);
      }
    }
  };

  sessions.add(session);
  peer.start({
    text,
    binary: () => {
      throw new ProtocolError('BAD_MESSAGE', 'a binary message on a control socket');
    },
    over: ({ by, code }) => {
      helloTimer.cancel();
      expiry?.cancel();
      const last = state;
      state = { name: 'over' };
      if (last.name === 'open') {
        last.alive.stop();
        last.seat.leave(by === 'peer' && code === 1006 ? 'cut' : undefined);
      }
      logger.info({ clientId, ...credentialFields(credential), by, code }, 'client disconnected');
      sessions.delete(session);
    },
  });
}
