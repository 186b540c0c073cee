/** Bytes in front of the PCM of every binary message on a media or phone socket. */
export const frameHeaderBytes = 8;

/** Track numbers of binary messages. Incoming to the agent: mix, caller, callee. Outgoing: agent. A phone socket uses `mix` both ways. */
export const tracks = { mix: 0, caller: 1, callee: 2, agent: 3 } as const;

/** Flag bits of binary messages. */
export const frameFlags = {
  /** Sent again after an outage. */
  replayed: 1,
  /** Samples are missing between the previous message of this track and this one. */
  gapBefore: 2,
  /** No more audio follows for now; a last partial tick may be played at once. */
  endOfTrack: 4,
} as const;

/** The decoded header: `generation` is 0-255, `position` counts samples at the socket's rate (u32). */
export interface FrameHeader {
  readonly track: number;
  readonly generation: number;
  readonly flags: number;
  readonly position: number;
}
