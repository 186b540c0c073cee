import { type Clock, createWheel, type Wheel } from '@agentao/clock';
import { paths } from '@agentao/protocol';
import type { HttpHandler, HttpReply, UpgradeHandler } from '@agentao/transport';
import type { MeterProvider } from '@opentelemetry/api';
import type { Call, CallEnding, TimelineEntry } from './calls/call.ts';
import { createCall } from './calls/create-call.ts';
import { type CallPrompts, longestPromptMs, resolvePrompts } from './calls/prompts.ts';
import type { Connector, ConnectorOptions } from './connectors/connector.ts';
import { checkRevokedCertificate, concerns, type RevokedCertificate } from './connectors/client-certificate.ts';
import { type ConnectorChange, createConnectorRegister } from './connectors/connector-register.ts';
import type { RevokedCredential } from './connectors/credential.ts';
import type { IncomingCall, IncomingOutcome, Leg, LegProvider } from './legs/leg.ts';
import { createLocalOfferRouter } from './offers/local-offer-router.ts';
import { createMediaTokens } from './offers/media-tokens.ts';
import type { OfferRouter } from './offers/offer-router.ts';
import { randomId } from './offers/random-text.ts';
import { watchPresence } from './offers/presence.ts';
import { watchReadiness } from './offers/readiness.ts';
import { createCallLimiter } from './operations/call-limits.ts';
import { type CallRefusalReason, createOperations } from './operations/operations.ts';
import type { SheddingOptions } from './operations/pacing-watch.ts';
import type { OperatorsOptions, SignInOptions } from './operators/operators.ts';
import { checkRecording, createCallRecords } from './records/call-records.ts';
import type { SwitchRecords } from './records/call-store.ts';
import { createControlServer } from './servers/control-server.ts';
import { createHttpHandler, type Readiness } from './servers/http.ts';
import { identifyCertificate } from './servers/identify-client.ts';
import { type Logger, maskNumber, publishing, silentLogger } from './servers/logger.ts';
import { createMediaServer } from './servers/media-server.ts';
import { createOperatorServers } from './servers/operator-servers.ts';
import { defaultServerLimits, type ServerLimits } from './servers/server-limits.ts';
import { createSocketGate } from './servers/socket-gate.ts';
import { createCallSpans } from './telemetry/call-spans.ts';

/** What a switch is made of. */
export interface SwitchOptions {
  readonly clock: Clock;
  readonly connectors: readonly ConnectorOptions[];
  /** Where calls come from and go to, beside the phones on `/phone`; asked in this order. */
  readonly legs?: readonly LegProvider[];
  /** Lets people in, over `/phone`, `/monitor`, `/session` and `/sign-in`. Default: none of these is there. */
  readonly operators?: OperatorsOptions;
  /** Where clients open media connections: an absolute URL, or a path on the switch's own origin. Default `/media`. */
  readonly mediaUrl?: string;
  /** Files to serve over HTTP, by path; with `operators` to browsers that come by an allowed host name only. */
  readonly staticRoutes?: ReadonlyMap<string, HttpReply>;
  /** Finds agents for calls. Default: among this switch's own clients. */
  readonly offers?: OfferRouter;
  /** Where calls are written down and recorded. Default: nowhere. Closed by its owner, after the switch. */
  readonly records?: SwitchRecords;
  /** What the switch itself says to people. Default: tones. */
  readonly prompts?: Partial<CallPrompts>;
  /** Bounds that differ from the default ones. */
  readonly limits?: Partial<ServerLimits>;
  /** Refuses new calls while those that run miss their ticks; `{}` with the default thresholds. Left out: never. */
  readonly shedding?: SheddingOptions;
  /** Where metrics go. Default: the global one of `@opentelemetry/api`, which drops them unless a program has registered another. */
  readonly meterProvider?: MeterProvider;
  /** Default: silent. */
  readonly logger?: Logger;
}

/** A call switch without sockets: hand `onUpgrade` and `onRequest` to a server of `@agentao/transport`. */
export interface Switch {
  readonly onUpgrade: UpgradeHandler;
  readonly onRequest: HttpHandler;
  readonly connectors: readonly Connector[];
  /** The calls that are live now. */
  readonly calls: readonly Call[];
  /** Resolves when a client of the connector is ready for calls; at once if one is. Never rejects. */
  whenReady(connectorUuid: string): Promise<void>;
  /** How punctual the calls' ticks are; the first thing that suffers when the machine is too small. */
  readonly pacing: Pick<Wheel, 'stats' | 'resetStats'>;
  /** Whether new calls are taken now, and why not; what `/readyz` says. */
  readonly readiness: Readiness;
  /** Takes calls and connections from now on. Until then everything is refused. Idempotent. */
  start(): void;
  /** Tells `listener` what happens in all calls, as it happens. Returns what unsubscribes it. A listener that throws is logged. */
  onTimeline(listener: (entry: TimelineEntry) => void): () => void;
  /**
   * A token with which one browser signs in, once: open `http://<host>:<port>/#sign-in=<token>`. Good for 10 minutes unless told otherwise.
   * Throws a TypeError where the switch has no `operators`, or for options at fault.
   */
  createSignIn(options: SignInOptions): string;
  /** Forgets an API key and closes what its holders have open with 4401. False if there is none of that id. */
  revokeKey(keyId: string): boolean;
  /**
   * Refuses client certificates from now on and closes what their holders have open with 4401. False if they have been refused before, or no
   * connector lists the name. Lasts as long as the switch: what is to stay refused belongs into `revokedCertificates`.
   */
  revokeCertificate(revoked: RevokedCertificate): boolean;
  /**
   * Replaces all connectors at once, or throws a TypeError that names the option at fault and changes nothing. Running calls go on, with the limits they began
   * with. A connector's clients whose key or certificate it lists no more are closed with 4401, as by `revokeKey`; the clients of a connector that is gone with
   * 4403, without their calls. What was revoked here stays so.
   */
  setConnectors(connectors: readonly ConnectorOptions[]): ConnectorsReplaced;
  /**
   * Takes no new calls, waits up to `timeoutMs` for the live ones, tells the rest by a prompt and ends them; and then waits for what agents add to the records of calls that have
   * ended, which is 5 s at most.
   */
  drain(options: { readonly timeoutMs: number }): Promise<void>;
  /** Ends all calls and connections now. The server that feeds it is the caller's to close. Idempotent. */
  close(): Promise<void>;
}

/** uuids of the connectors that have come and gone. */
export type ConnectorsReplaced = Pick<ConnectorChange, 'added' | 'removed'>;

/** Creates a switch. Throws a TypeError that names the option at fault. */
export function createSwitch(options: SwitchOptions): Switch {
  const { clock, mediaUrl = paths.media, staticRoutes = new Map<string, HttpReply>() } = options;
  const logger = publishing(options.logger ?? silentLogger);
  const limits: ServerLimits = { ...defaultServerLimits, ...options.limits };
  const directory = createConnectorRegister(options.connectors);
  const calls = new Map<string, Call>();
  const wheel = createWheel({
    clock,
    onError: (error) => logger.error({ err: error }, 'a call left the wheel'),
    onLateness: (latenessMs) => operations.pacing.late(latenessMs),
  });
  const operations = createOperations({
    clock,
    logger,
    wheel,
    meterProvider: options.meterProvider,
    shedding: options.shedding,
    router: options.offers ?? createLocalOfferRouter({ clock, createId: () => randomId('offer') }),
    calls: () => calls.values(),
    records: options.records?.stats?.bind(options.records),
  });
  operations.keep(uuidsOf(directory.list));
  const callLimiter = createCallLimiter(clock);
  const presence = watchPresence(operations.router, clock);
  const { router, whenReady } = watchReadiness(presence.router);
  const tokens = createMediaTokens();
  const spans = createCallSpans({ clock, connectorOf: (number) => directory.byNumber(number)?.uuid });
  const listeners = new Set<(entry: TimelineEntry) => void>([spans.timeline]);
  const emptied: (() => void)[] = [];
  let phase: 'closed' | 'running' | 'draining' = 'closed';
  let closing: Promise<void> | undefined;

  const prompts = resolvePrompts(options.prompts);
  checkRecording(options.connectors, options.records);
  const records = options.records && createCallRecords(options.records, { clock, logger });

  const onTimeline = (entry: TimelineEntry): void => {
    monitors?.timeline(entry);
    records?.timeline(entry);
    operations.calls.entry(entry);
    if (entry.kind === 'fault') logger.error(entry, 'a call failed');
    for (const listener of listeners) {
      try {
        listener(entry);
      } catch (error) {
        logger.error({ err: error, callId: entry.callId }, 'a timeline listener threw');
      }
    }
  };

  const shared = { clock, logger, limits };
  const control = createControlServer({ ...shared, directory, router, tokens, mediaUrl, onTimeline });
  const media = createMediaServer({ ...shared, tokens, presence });
  const numbers = (): readonly string[] => directory.list.flatMap((connector) => connector.numbers);
  const serves = (number: string): boolean => directory.byNumber(number) !== undefined;
  const people = options.operators && createOperatorServers(options.operators, { ...shared, numbers, serves });
  const { phones, monitors } = people ?? {};
  const providers: readonly LegProvider[] = [...(options.legs ?? []), ...(phones === undefined ? [] : [phones])];

  const ring = (callId: string, number: string, from: string): Leg | undefined => {
    for (const provider of providers) {
      try {
        const leg = provider.ring({ callId, number, from });
        if (leg !== undefined) return leg;
      } catch (error) {
        logger.error({ err: error, callId, provider: provider.name }, 'a leg provider could not ring');
      }
    }
    return undefined;
  };

  const onEnded = (call: Call, { reason, by }: CallEnding): void => {
    const { callId } = call;
    monitors?.ended(callId, { reason, by });
    if (!calls.delete(callId)) return;
    router.withdraw(callId, reason === 'shutdown' ? 'shutdown' : 'caller_gone');
    logger.info({ callId, reason, by }, 'call ended');
    if (calls.size > 0) return;
    operations.pacing.rest();
    for (const resolve of emptied.splice(0)) resolve();
  };

  const incoming = (incomingCall: IncomingCall): IncomingOutcome => {
    if (phase !== 'running') return refuse('draining', 'the switch takes no new calls');
    const { caller, calleeNumber } = incomingCall;
    const connector = directory.byNumber(calleeNumber);
    if (connector === undefined) return refuse('no_connector', 'no connector serves this number');
    const { uuid: connectorUuid, limits: callLimits, takeover } = connector;
    let live = 0;
    for (const call of calls.values()) if (call.connectorUuid === connectorUuid) live++;
    if (operations.pacing.shedding) return refuse('shedding', 'the switch is short of time', connectorUuid);
    const tooMany = callLimiter.refuses(connector, live);
    if (tooMany !== undefined) return refuse(tooMany.reason, tooMany.message, connectorUuid);
    const callId = randomId('call');
    const fields = { callId, connectorUuid, callerNumber: maskNumber(caller.number) };
    operations.calls.arriving(callId, connectorUuid);
    try {
      const call = createCall({
        callId,
        connectorUuid,
        incoming: incomingCall,
        clock,
        wheel,
        limits: callLimits,
        takeover,
        prompts,
        ring: (number, from) => ring(callId, number, from),
        onWantsAgent: (wanting) => router.route(wanting),
        onTimeline,
        onChanged: (changed) => monitors?.changed(changed),
        onEnded,
        record: records?.open({ callId, connector, direction: 'MT', callerNumber: caller.number, calleeNumber }),
      });
      if (!call.ended) {
        calls.set(callId, call);
        monitors?.arrived(call);
        operations.pacing.wake();
      }
      logger.info({ ...fields, calleeNumber: maskNumber(calleeNumber) }, 'call arrived');
      router.route(call);
      return { accepted: true, callId };
    } catch (error) {
      logger.error({ ...fields, err: error }, 'a call could not be made');
      calls.get(callId)?.end({ reason: 'failed', by: 'switch' });
      spans.abandon(callId);
      records?.timeline({ callId, atMs: 0, kind: 'ended', reason: 'failed', by: 'switch' });
      operations.calls.forget(callId);
      return refuse('failed', 'the switch could not make the call', connectorUuid);
    }
  };

  const refuse = (reason: CallRefusalReason, message: string, connectorUuid?: string): IncomingOutcome => {
    operations.refused(reason, connectorUuid);
    logger.info({ reason, ...(connectorUuid === undefined ? {} : { connectorUuid }) }, 'call refused');
    return { accepted: false, code: refusalCodes[reason], message };
  };

  const readiness = (): Readiness => {
    if (phase === 'draining') return 'draining';
    if (phase === 'closed') return closing === undefined ? 'starting' : 'stopped';
    return operations.pacing.shedding ? 'shedding' : 'ready';
  };

  const closeRevoked = (revoked: RevokedCredential): void => {
    media.revoke(revoked);
    control.revoke(revoked);
  };

  const endAll = (): void => {
    for (const call of [...calls.values()]) call.end(shutdown);
  };

  /** Resolves when there is no call, or so much later. */
  const whenEmpty = (atMostMs: number): Promise<void> =>
    new Promise((resolve) => {
      if (calls.size === 0) return resolve();
      const timer = clock.setTimer(clock.now() + atMostMs, resolve);
      emptied.push(() => {
        timer.cancel();
        resolve();
      });
    });

  return {
    onUpgrade: operations.sockets.watch(
      createSocketGate({
        onOpened: operations.sockets.opened,
        limits,
        control: control.admit,
        media: (request) => {
          const shown = identifyCertificate(request, directory);
          return 'accept' in shown ? shown : media.admit(request, shown.certificate);
        },
        operators: people?.gate,
        phase: () => phase,
      }),
    ),
    onRequest: createHttpHandler({ phase: () => phase, readiness, staticRoutes, operators: people?.http }),
    get connectors() {
      return directory.list;
    },
    get readiness() {
      return readiness();
    },
    whenReady,
    pacing: { stats: () => wheel.stats(), resetStats: () => wheel.resetStats() },
    get calls() {
      return [...calls.values()];
    },
    start: () => {
      if (phase !== 'closed' || closing !== undefined) return;
      phase = 'running';
      for (const provider of providers) provider.start({ incoming });
    },
    onTimeline: (listener) => {
      const own = (entry: TimelineEntry): void => listener(entry);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
    createSignIn: (signIn) => {
      if (people === undefined) throw new TypeError('createSignIn: the switch has no operators');
      return people.operators.createSignIn(signIn);
    },
    revokeKey: (keyId) => {
      const known = directory.revoke(keyId);
      closeRevoked((credential) => credential.keyId === keyId);
      if (known) logger.info({ keyId }, 'key revoked');
      return known;
    },
    revokeCertificate: (revoked) => {
      checkRevokedCertificate(revoked);
      const known = directory.revokeCertificate(revoked);
      closeRevoked(({ certificate }) => concerns(revoked, certificate));
      if (known) logger.info({ ...revoked }, 'certificate revoked');
      return known;
    },
    setConnectors: (next) => {
      checkRecording(next, options.records);
      const { added, removed, isLost } = directory.replace(next);
      const uuids = uuidsOf(directory.list);
      operations.keep(uuids);
      callLimiter.keep(uuids);
      closeRevoked(isLost);
      const gone = new Set(removed);
      control.revoke(
        (_, uuid) => uuid !== undefined && gone.has(uuid),
        'FORBIDDEN',
        'the connector is no longer there',
      );
      // They have been let in by what was listed then.
      control.revoke((_, uuid) => uuid === undefined, 'GOING_AWAY', 'the connectors have been replaced');
      logger.info({ connectors: uuids.size, added, removed }, 'connectors replaced');
      return { added, removed };
    },
    drain: async ({ timeoutMs }) => {
      if (phase === 'running') phase = 'draining';
      if (calls.size > 0) {
        logger.info({ calls: calls.size, timeoutMs }, 'draining');
        await whenEmpty(timeoutMs);
        for (const call of [...calls.values()]) call.endSaying(shutdown);
        await whenEmpty(longestPromptMs + 1_000);
        endAll();
      }
      await media.noted();
    },
    close: () => {
      closing ??= closeAll();
      return closing;
    },
  };

  async function closeAll(): Promise<void> {
    phase = 'closed';
    endAll();
    control.close();
    media.close();
    monitors?.close();
    const results = await Promise.allSettled(providers.map((provider) => provider.close()));
    for (const result of results) {
      if (result.status === 'rejected') logger.error({ err: result.reason }, 'a leg provider did not close');
    }
    people?.operators.close();
    operations.close();
  }
}

const shutdown: CallEnding = { reason: 'shutdown', by: 'switch' };

const refusalCodes: Readonly<Record<CallRefusalReason, Extract<IncomingOutcome, { accepted: false }>['code']>> = {
  draining: 'SHUTTING_DOWN',
  no_connector: 'CALLEE_UNREACHABLE',
  limit: 'LIMIT_REACHED',
  rate: 'LIMIT_REACHED',
  shedding: 'LIMIT_REACHED',
  failed: 'INTERNAL',
};

function uuidsOf(connectors: readonly Connector[]): ReadonlySet<string> {
  return new Set(connectors.map(({ uuid }) => uuid));
}
