import type { CallMode } from '@agentao/calls';

/** Samples of a tick at 24,000 Hz. */
export const tickSamples = 480;
const tickMs = 20;

/** The sample that stands at `position`: never 0, and no two within 65,535 positions are alike. */
function sampleAt(position: number): number {
  const value = position % 65_535;
  return value < 32_767 ? value + 1 : 32_766 - value;
}

/** `count` samples that tell their positions. */
export function countingSignal(position: number, count: number): Int16Array {
  return Int16Array.from({ length: count }, (_, index) => sampleAt(position + index));
}

/** A mode verb, from its call to its outcome. */
export interface ModeRequest {
  readonly mode: CallMode;
  readonly askedMs: number;
  outcome?: 'ok' | 'INVALID_STATE';
  /** When the client is told. */
  toldMs?: number;
}

/** A clear, or a mode change that discards. */
export interface Discarding {
  readonly askedMs: number;
  /** When it leaves the client. */
  readonly sentMs: number;
  /** The position the next generation begins at. */
  readonly base: number;
  /** Position after the last sample heard. */
  heard?: number;
}

/** How far somebody has heard, and since when. */
interface Reached {
  readonly atMs: number;
  readonly position: number;
}

/**
 * What the text of PROTOCOL.md (A-10, A-14, A-17, A-18, K-13 to K-16) says becomes of an agent's audio, for one latency of the link. Written from the
 * text alone; it shares nothing with switch or client.
 */
export class PlayoutModel {
  /** What each ear hears, tick after tick. */
  readonly ears: { readonly caller: Int16Array[]; readonly callee: Int16Array[] } = { caller: [], callee: [] };
  readonly #latencyMs: number;
  readonly #arrivals: { readonly atMs: number; readonly run: (atMs: number) => void }[] = [];
  /** When the client has the answer to its last change of mode that discards: no audio and no clear leaves it before. */
  #openUntilMs = 0;
  /** When the last command leaves the client. */
  #lastSentMs = 0;
  readonly #modes: { readonly sinceMs: number; readonly mode: CallMode | null }[];
  /** Positions heard or jumped over, in order. */
  readonly #reached: Reached[] = [{ atMs: 0, position: 0 }];
  #nextTickMs: number;
  #end = 0;
  #played = 0;
  #held = false;
  #pending: { readonly request: ModeRequest; readonly position: number } | undefined;

  /** `mode` is null in ANSWERED, where the caller hears the agent. */
  constructor(options: { readonly latencyMs: number; readonly firstTickMs: number; readonly mode: CallMode | null }) {
    this.#latencyMs = options.latencyMs;
    this.#nextTickMs = options.firstTickMs;
    this.#modes = [{ sinceMs: 0, mode: options.mode }];
  }

  /** Position heard or jumped over. */
  get played(): number {
    return this.#played;
  }

  /** The user hands in audio that ends at `end`. */
  handIn(atMs: number, end: number): void {
    this.#arrives(atMs, Math.max(atMs, this.#openUntilMs), () => {
      this.#end = end;
    });
  }

  discard(askedMs: number, base: number): Discarding {
    const discarding = { askedMs, base, sentMs: this.#leavesMs(askedMs, true) };
    this.#arrives(askedMs, discarding.sentMs, (atMs) => this.#drop(discarding, atMs));
    return discarding;
  }

  /** Whether a change to `mode` lets somebody hear the agent who may not hear it in the mode known by then, or in one that is asked for. */
  admits(mode: CallMode, askedMs: number, asked: readonly CallMode[]): boolean {
    const listeners = { spy: 0, whisper: 1, barge: 2 };
    const known = this.#modes.findLast(({ sinceMs }) => sinceMs === 0 || sinceMs + this.#latencyMs <= askedMs)?.mode;
    return [known ?? 'barge', ...asked].some((before) => listeners[mode] > listeners[before]);
  }

  /** A mode verb: at once, with a discard from `base` on, or when `after` has been heard. */
  changeMode(
    askedMs: number,
    mode: CallMode,
    { base, after }: { readonly base?: number; readonly after?: number },
  ): { readonly request: ModeRequest; readonly discarding?: Discarding } {
    const request: ModeRequest = { mode, askedMs };
    const sentMs = this.#leavesMs(askedMs, base !== undefined);
    const discarding: Discarding | undefined = base === undefined ? undefined : { askedMs, base, sentMs };
    if (discarding !== undefined) this.#openUntilMs = sentMs + 2 * this.#latencyMs;
    this.#arrives(askedMs, sentMs, (atMs) => {
      if (this.#pending !== undefined) this.#settle(this.#pending.request, 'INVALID_STATE', atMs);
      this.#pending = undefined;
      if (after !== undefined && after > this.#played) {
        this.#pending = { request, position: after };
        return;
      }
      if (discarding !== undefined) this.#drop(discarding, atMs);
      this.#apply(request, atMs);
    });
    return discarding === undefined ? { request } : { request, discarding };
  }

  /** When `position` had been heard, or jumped over; undefined if it has not. */
  reachedMs(position: number): number | undefined {
    return this.#reached.find((reached) => reached.position >= position)?.atMs;
  }

  /** Position that had been reached at that moment. */
  playedAt(atMs: number): number {
    return this.#reached.findLast((reached) => reached.atMs <= atMs)?.position ?? 0;
  }

  /** Lets time pass. */
  runTo(untilMs: number): void {
    for (;;) {
      const [arrival] = this.#arrivals;
      const atMs = Math.min(arrival?.atMs ?? Number.POSITIVE_INFINITY, this.#nextTickMs);
      if (atMs > untilMs) return;
      if (arrival?.atMs === atMs) {
        this.#arrivals.shift();
        arrival.run(atMs);
      } else {
        this.#nextTickMs += tickMs;
        this.#tick(atMs);
      }
    }
  }

  /** When a command leaves that is asked for at that moment: `begins` says whether it begins a generation. None overtakes another. */
  #leavesMs(askedMs: number, begins: boolean): number {
    this.#lastSentMs = Math.max(askedMs, this.#lastSentMs, begins ? this.#openUntilMs : 0);
    return this.#lastSentMs;
  }

  #arrives(askedMs: number, sentMs: number, run: (atMs: number) => void): void {
    const atMs = sentMs + this.#latencyMs;
    const before = this.#arrivals.findLastIndex((arrival) => arrival.atMs <= atMs);
    this.#arrivals.splice(before + 1, 0, { atMs, run });
    this.runTo(askedMs);
  }

  #tick(atMs: number): void {
    const { mode } = this.#modes.at(-1) ?? { mode: null };
    const split = this.#pending?.position ?? Number.POSITIVE_INFINITY;
    const wanted = Math.min(tickSamples, split - this.#played);
    const queued = this.#end - this.#played;
    let count = Math.min(wanted, queued);
    if (queued > 0 && queued < wanted && !this.#held) {
      this.#held = true;
      count = 0;
    }
    const heard = new Int16Array(tickSamples);
    heard.set(countingSignal(this.#played, count));
    this.ears.caller.push(mode === 'barge' || mode === null ? heard : new Int16Array(tickSamples));
    this.ears.callee.push(mode === 'barge' || mode === 'whisper' ? heard : new Int16Array(tickSamples));
    if (count === 0) return;
    this.#held = false;
    this.#reach(this.#played + count, atMs);
    if (this.#pending?.position === this.#played) this.#applyPending(atMs);
  }

  #drop(discarding: Discarding, atMs: number): void {
    discarding.heard = this.#played;
    this.#held = false;
    this.#end = discarding.base;
    this.#reach(discarding.base, atMs);
    this.#applyPending(atMs);
  }

  #reach(position: number, atMs: number): void {
    this.#played = position;
    this.#reached.push({ atMs, position });
  }

  #applyPending(atMs: number): void {
    if (this.#pending !== undefined) this.#apply(this.#pending.request, atMs);
    this.#pending = undefined;
  }

  #apply(request: ModeRequest, atMs: number): void {
    this.#modes.push({ sinceMs: atMs, mode: request.mode });
    this.#settle(request, 'ok', atMs);
  }

  #settle(request: ModeRequest, outcome: 'ok' | 'INVALID_STATE', atMs: number): void {
    request.outcome = outcome;
    request.toldMs = atMs + this.#latencyMs;
  }
}
