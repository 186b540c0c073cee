import type { Clock } from '@agentao/clock';
import type { Counter, Histogram } from '@opentelemetry/api';
import type { TimelineEntry } from '../calls/call.ts';

/** The instruments that the timeline of a call moves. */
export interface CallInstruments {
  readonly calls: Counter;
  readonly callDuration: Histogram;
  readonly callAccept: Histogram;
  readonly callRing: Histogram;
  readonly agentResumes: Counter;
  readonly agentTakeovers: Counter;
  readonly agentLosses: Counter;
  readonly audioDropped: Counter;
}

/** Reads the timelines of calls as they are written. */
export interface CallMeters {
  /** The call of this id is that of a connector; before its first entry. */
  arriving(callId: string, connectorUuid: string): void;
  /** One entry of any call. */
  entry(entry: TimelineEntry): void;
  /** The call is over, or has come to nothing. */
  forget(callId: string): void;
}

interface Metered {
  readonly connector: string;
  readonly arrivedMs: number;
  ringingSinceMs: number | undefined;
  accepted: boolean;
  lost: boolean;
}

/** Creates meters without calls. */
export function createCallMeters(clock: Clock, instruments: CallInstruments): CallMeters {
  const metered = new Map<string, Metered>();
  const secondsSince = (sinceMs: number): number => (clock.now() - sinceMs) / 1_000;

  const attached = (call: Metered): void => {
    const { connector } = call;
    if (call.lost) instruments.agentTakeovers.add(1, { connector });
    if (!call.accepted) instruments.callAccept.record(secondsSince(call.arrivedMs), { connector });
    call.accepted = true;
    call.lost = false;
  };

  const state = (call: Metered, { ringing, stage }: TimelineEntry): void => {
    if (ringing === true) {
      call.ringingSinceMs ??= clock.now();
    } else if (call.ringingSinceMs !== undefined) {
      const outcome = stage === 'connected' ? 'answered' : 'unanswered';
      instruments.callRing.record(secondsSince(call.ringingSinceMs), { connector: call.connector, outcome });
      call.ringingSinceMs = undefined;
    }
  };

  const told = ({ connector }: Metered, entry: TimelineEntry): void => {
    const { event, party, droppedSamples } = entry;
    if (event !== 'call.audio_overflow' || typeof droppedSamples !== 'number') return;
    instruments.audioDropped.add(droppedSamples, { connector, track: String(party) });
  };

  return {
    arriving: (callId, connector) => {
      const arrivedMs = clock.now();
      metered.set(callId, { connector, arrivedMs, ringingSinceMs: undefined, accepted: false, lost: false });
    },
    entry: (entry) => {
      const call = metered.get(entry.callId);
      if (call === undefined) return;
      const { connector } = call;
      switch (entry.kind) {
        case 'attached':
          return attached(call);
        case 'state':
          return state(call, entry);
        case 'event':
          return told(call, entry);
        case 'agent_resumed':
          return instruments.agentResumes.add(1, { connector });
        case 'agent_lost':
          call.lost = true;
          return instruments.agentLosses.add(1, { connector });
        case 'ended':
          instruments.callDuration.record(secondsSince(call.arrivedMs), { connector });
          instruments.calls.add(1, { connector, reason: String(entry['reason']), by: String(entry['by']) });
          metered.delete(entry.callId);
      }
    },
    forget: (callId) => {
      metered.delete(callId);
    },
  };
}
