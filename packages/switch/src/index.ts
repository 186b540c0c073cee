export type {
  AgentAbsence,
  AgentAttachment,
  AgentFarewell,
  AgentLink,
  AgentResumption,
  AgentReturn,
  HeardFrame,
  NumberedEvent,
} from './calls/agent-link.ts';
export type { Annotation } from './calls/call-notes.ts';
export type { Call, CallEnding, TimelineEntry } from './calls/call.ts';
export type { CallLimits, TakeoverPolicy } from './calls/create-call.ts';
export type { CallPrompts } from './calls/prompts.ts';
export type { CallLevels, SpokenTick } from './media/level-tap.ts';
export type { Gain, Matrix } from './media/matrix.ts';
export {
  createApiKey,
  createOperatorToken,
  type NewApiKey,
  type NewOperatorToken,
  type StoredApiKey,
} from './connectors/api-key.ts';
export {
  type CertificateName,
  type ClientCertificate,
  describeCertificate,
  type RevokedCertificate,
} from './connectors/client-certificate.ts';
export type { Connector, ConnectorLimits, ConnectorOptions } from './connectors/connector.ts';
export type {
  IncomingCall,
  IncomingOutcome,
  Leg,
  LegEnd,
  LegEvents,
  LegHost,
  LegProvider,
} from './legs/leg.ts';
export type {
  Offer,
  OfferCancelReason,
  OfferClient,
  OfferOutcome,
  OfferRouter,
  OfferSeat,
} from './offers/offer-router.ts';
export type { OperatorRole } from './operators/operator-sessions.ts';
export type { OperatorsOptions, SignInOptions } from './operators/operators.ts';
export { type MetricDescription, type SwitchMetric, switchMetrics } from './operations/metric-table.ts';
export type { SheddingOptions } from './operations/pacing-watch.ts';
export type { Readiness } from './servers/http.ts';
export type { CallStore, RecordChange, RecordsStats, SwitchRecords } from './records/call-store.ts';
export type { StoreStats } from './records/worker-store.ts';
export type { RecorderStats } from './recording/worker-recorder.ts';
export type {
  Recorder,
  RecordingHeader,
  RecordingMark,
  RecordingSink,
  RecordingState,
  RecordingStopReason,
} from './recording/recorder.ts';
export type { Logger } from './servers/logger.ts';
export type { ServerLimits } from './servers/server-limits.ts';
export { type ConnectorsReplaced, createSwitch, type Switch, type SwitchOptions } from './switch.ts';
