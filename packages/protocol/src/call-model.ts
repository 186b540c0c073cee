/** What the agent sees of its call. After `close()` the agent is DISCONNECTED while the call may live on. */
export type AgentState = 'PENDING' | 'ANSWERED' | 'CONNECTED' | 'DISCONNECTED';

/** Who hears the agent once caller and callee are connected: both, the callee only, nobody. */
export type CallMode = 'barge' | 'whisper' | 'spy';

/** How the call came to be: `MT` it came in, `MO` it was placed (later). */
export type CallDirection = 'MT' | 'MO';

/** The people on the line. */
export type Party = 'caller' | 'callee';

/** Who ended a call or an attempt. */
export type EndedBy = 'caller' | 'callee' | 'agent' | 'switch';

/**
 * Why the agent's part in a call ended.
 * `hangup` a person hung up; `disconnected` the agent ended the call for all; `left` the agent left, the call may go on;
 * `declined` the agent declined before answering; `unanswered` / `rejected` the callee was not reached and nobody else has
 * the call; `timeout` longest PENDING or longest call reached; `taken_over` another client owns the call now;
 * `media_lost` the agent's media connection is gone for good; `shutdown` the switch stops; `failed` an internal error.
 */
export type EndReason =
  | 'hangup'
  | 'disconnected'
  | 'left'
  | 'declined'
  | 'unanswered'
  | 'rejected'
  | 'timeout'
  | 'taken_over'
  | 'media_lost'
  | 'shutdown'
  | 'failed';

/** Sample rates of a media socket, in Hz. PCM is signed 16-bit little-endian mono. */
export type MediaRateHz = 8000 | 16000 | 24000;

/** Incoming tracks an agent may ask for: the mix minus the agent, or one party alone. */
export type IncomingTrack = 'mix' | 'caller' | 'callee';
