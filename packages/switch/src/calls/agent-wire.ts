import { type CallEventMessage, type IncomingTrack, limits } from '@agentao/protocol';
import type { Timer } from '@agentao/clock';
import { ticksPerSecond } from '../media/bus.ts';
import { createHeardHistory, type HeardHistory } from '../media/heard-history.ts';
import type { AgentAbsence, AgentLink, AgentReturn, HeardFrame, NumberedEvent } from './agent-link.ts';
import type { CallScope } from './call-scope.ts';

/** Where an agent is: on a connection, lost and waited for, or out of the call. `link` is the newest connection. */
export type AgentPresence =
  | { readonly name: 'there'; readonly link: AgentLink }
  | {
      readonly name: 'away';
      readonly link: AgentLink;
      readonly sinceMs: number;
      readonly untilMs: number;
      readonly timer: Timer;
    }
  | { readonly name: 'gone' };

/** What an agent that is back has missed. */
export interface Missed {
  readonly outageMs: number;
  /** The most samples that one of the tracks is replayed. */
  readonly replayedSamples: number;
  readonly replayFrom: Readonly<Partial<Record<IncomingTrack, number>>>;
}

/** The way to an agent that outlives its connections. What is said while there is none is kept as far as a resume needs it. */
export interface AgentWire {
  readonly presence: AgentPresence;
  /** The connection to send on; `undefined` while there is none. */
  readonly open: AgentLink | undefined;
  /** The newest events; the oldest are forgotten first. */
  readonly events: readonly NumberedEvent[];
  /** Numbers, keeps and sends an event. */
  event(event: CallEventMessage): void;
  /** One tick of a track. */
  audio(track: IncomingTrack, samples: Int16Array, frame: Omit<HeardFrame, 'replayed'>): void;
  /** The connection is lost: the agent is waited for, then `onGone`. Again while it is away: less long, never longer. False for another link than the newest. */
  lose(link: AgentLink, absence: AgentAbsence): boolean;
  /** The agent is back on `link`, in place of whatever it had. Sends nothing by itself. */
  resume(link: AgentLink, back: AgentReturn): Missed;
  /** Sends the events after `lastSeq` again. */
  repeatEvents(lastSeq: number): void;
  /** The agent is out of the call. Returns the newest connection, once. */
  leave(): AgentLink | undefined;
}

/** What a wire is made of. */
export interface AgentWireOptions {
  readonly link: AgentLink;
  readonly scope: CallScope;
  /** A track had audio dropped for a slow reader, and flows again. */
  readonly onOverflow: (track: IncomingTrack, droppedSamples: number) => void;
  /** The agent was waited for in vain. */
  readonly onGone: () => void;
}

/** Events kept for a resume. */
const keptEvents = 256;

/**
 * Audio kept while the agent is there: what it may lack when a silent loss is found. The agent finds out after `mediaDeadMs` and says no
 * more; should that be lost too, the switch finds out as long after. And a little for what is on its way.
 */
const historyTicks = ((2 * limits.mediaDeadMs + 500) * ticksPerSecond) / 1_000;

/** Audio kept in an outage and until the agent has caught up: all of the longest one, what was under way before, and what comes behind. */
const outageTicks = 2 * historyTicks + (limits.resumeWindowMs * ticksPerSecond) / 1_000;

/** Ticks of a track sent per tick while the agent catches up. */
const catchUpTicks = 50;

/** One incoming track: what was said on it, and how far the agent has been told. */
interface Track {
  readonly history: HeardHistory;
  droppedSamples: number;
  /** While the agent catches up: number of the next tick to send. */
  next: number | undefined;
  /** Position at which the replay ends. */
  replayEnd: number;
  /** Number of the tick at which the agent has caught up for so long that it has what was replayed. */
  settledAt: number;
  /** The next tick of the replay follows a gap. */
  gapNext: boolean;
}

/** Makes the wire of an agent that has just attached. */
export function createAgentWire({ link, scope, onOverflow, onGone }: AgentWireOptions): AgentWire {
  const { clock } = scope;
  const tickSamples = link.sampleRateHz / ticksPerSecond;
  const tracks = new Map<IncomingTrack, Track>();
  const events: NumberedEvent[] = [];
  const sent = { position: 0, gapBefore: false, replayed: false };
  let presence: AgentPresence = { name: 'there', link };
  let lastSeq = 0;

  const trackOf = (name: IncomingTrack): Track => {
    let track = tracks.get(name);
    if (track === undefined) {
      const history = createHeardHistory(tickSamples, historyTicks);
      if (presence.name === 'away') history.setCapacity(outageTicks);
      track = {
        history,
        droppedSamples: 0,
        next: undefined,
        replayEnd: 0,
        settledAt: Number.POSITIVE_INFINITY,
        gapNext: false,
      };
      tracks.set(name, track);
    }
    return track;
  };

  const catchUp = (name: IncomingTrack, track: Track, to: AgentLink): void => {
    const { history } = track;
    let next = track.next ?? history.end;
    for (let budget = catchUpTicks; budget > 0 && next < history.end; budget--) {
      if (next < history.start) {
        next = history.start;
        track.gapNext = true;
      }
      sent.position = history.positionOf(next);
      sent.replayed = sent.position < track.replayEnd;
      const follows = next > history.start && history.positionOf(next - 1) + tickSamples === sent.position;
      sent.gapBefore = track.gapNext || (next > history.start && !follows);
      if (!to.audio(name, history.samplesOf(next), sent)) break;
      track.gapNext = false;
      next++;
    }
    if (next < history.end) {
      track.next = next;
      return;
    }
    track.next = undefined;
    track.settledAt = history.end + historyTicks;
  };

  const live = (name: IncomingTrack, track: Track, samples: Int16Array, to: AgentLink): void => {
    if (!to.audio(name, samples, sent)) {
      track.droppedSamples += samples.length;
      return;
    }
    const { droppedSamples } = track;
    if (droppedSamples === 0) return;
    track.droppedSamples = 0;
    onOverflow(name, droppedSamples);
  };

  const replay = (
    track: Track,
    received: number | undefined,
  ): { readonly from: number; readonly samples: number } | undefined => {
    const { history } = track;
    const first = history.find(received ?? 0);
    track.droppedSamples = 0;
    track.gapNext = false;
    track.next = undefined;
    track.settledAt = history.end + historyTicks;
    if (first === history.end) return undefined;
    const from = history.positionOf(first);
    history.setCapacity(outageTicks);
    track.next = first;
    track.replayEnd = newestOf(track) + tickSamples;
    track.gapNext = received === undefined ? history.start > 0 : from > received;
    return { from, samples: (history.end - first) * tickSamples };
  };

  return {
    get presence() {
      return presence;
    },
    get open() {
      return presence.name === 'there' ? presence.link : undefined;
    },
    events,

    event(event) {
      const seq = ++lastSeq;
      events.push({ seq, event });
      if (events.length > keptEvents) events.shift();
      if (presence.name === 'there') presence.link.event(event, seq);
    },

    audio(name, samples, { position, gapBefore }) {
      const track = trackOf(name);
      track.history.push(samples, position);
      if (presence.name !== 'there') return;
      if (track.next !== undefined) {
        catchUp(name, track, presence.link);
        return;
      }
      if (track.history.end >= track.settledAt) {
        track.settledAt = Number.POSITIVE_INFINITY;
        track.history.setCapacity(historyTicks);
      }
      sent.position = position;
      sent.gapBefore = gapBefore || track.droppedSamples > 0;
      sent.replayed = false;
      live(name, track, samples, presence.link);
    },

    lose(lost, { sinceMs, forMs }) {
      if (presence.name === 'gone' || presence.link !== lost) return false;
      const untilMs = clock.now() + forMs;
      if (presence.name === 'away') {
        if (untilMs >= presence.untilMs) return true;
        presence.timer.cancel();
        presence = { ...presence, untilMs, timer: scope.after(forMs, onGone) };
        return true;
      }
      for (const { history } of tracks.values()) history.setCapacity(outageTicks);
      presence = { name: 'away', link: lost, sinceMs, untilMs, timer: scope.after(forMs, onGone) };
      return true;
    },

    resume(next, back) {
      const sinceMs = presence.name === 'away' ? presence.sinceMs : back.sinceMs;
      if (presence.name === 'away') presence.timer.cancel();
      presence = { name: 'there', link: next };
      const replayFrom: Partial<Record<IncomingTrack, number>> = {};
      let replayedSamples = 0;
      const newest = Math.max(...[...tracks.values()].map(newestOf));
      for (const [name, track] of tracks) {
        // The agent has done without this track for a while.
        if (newestOf(track) < newest) {
          tracks.delete(name);
          continue;
        }
        const missed = replay(track, back.received[name]);
        if (missed === undefined) continue;
        replayFrom[name] = missed.from;
        replayedSamples = Math.max(replayedSamples, missed.samples);
      }
      return { outageMs: Math.max(0, Math.round(clock.now() - sinceMs)), replayedSamples, replayFrom };
    },

    repeatEvents(last) {
      if (presence.name !== 'there') return;
      for (const { seq, event } of events) if (seq > last) presence.link.event(event, seq);
    },

    leave() {
      if (presence.name === 'gone') return undefined;
      const { link: last } = presence;
      if (presence.name === 'away') presence.timer.cancel();
      presence = { name: 'gone' };
      return last;
    },
  };
}

/** Position of the newest tick of a track, which has at least one. */
function newestOf({ history }: Track): number {
  return history.positionOf(history.end - 1);
}
