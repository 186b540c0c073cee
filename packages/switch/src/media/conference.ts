import { createMixer, createRingback, type ToneSource } from '@agentao/audio';
import type { Party } from '@agentao/protocol';
import type { LegChannel } from '../legs/leg-channel.ts';
import type { AgentPort } from './agent-port.ts';
import { busRateHz, busTickSamples } from './bus.ts';
import { createLevelTap, type LevelTap, type SpokenTick } from './level-tap.ts';
import { admitsListener, matrices, type Matrix } from './matrix.ts';

/** The media of one call: who is on it, who hears whom, and the tick that moves the sound. Changes hold from the next tick on. */
export interface Conference {
  /** Ticks since the call's arrival, left-out ones included. */
  readonly ticks: number;
  matrix: Matrix;
  caller: LegChannel | undefined;
  callee: LegChannel | undefined;
  agent: AgentPort | undefined;
  /** Whether the line to a party is open, so that it is played to even when it hears nobody. */
  callerOpen: boolean;
  calleeOpen: boolean;
  /** What the switch itself says to people, beside whatever else they hear. */
  prompt: SpokenPrompt | undefined;
  /** The ring-back tone while it sounds; another object each time it begins. */
  readonly ringback: ToneSource | undefined;
  /** How loud each party speaks, for whoever watches. */
  readonly levels: LevelTap;
  /** Who records; nobody unless set. */
  tap: ConferenceTap | undefined;
  /** One tick of 20 ms: takes what everybody says, mixes what everybody hears, hands it out. Allocates nothing. */
  tick(): void;
  /** Ticks were left out after a stall. */
  skipped(ticks: number): void;
}

/** A clip while it is played, once: another object each time it begins. */
export interface SpokenPrompt extends ToneSource {
  /** Not to be changed. */
  readonly clip: Int16Array;
}

/** What of a conference decides what people hear. */
export type TappedLines = Pick<Conference, 'matrix' | 'ringback' | 'prompt' | 'callerOpen' | 'calleeOpen'>;

/** Takes what is said in each tick, and gives people notice of it. None of these may throw. */
export interface ConferenceTap {
  /** What everybody says in a tick, before anybody hears it; the arrays are reused. */
  tick(tick: number, spoken: SpokenTick, lines: TappedLines): void;
  /** Adds the notice, if it is due, to what a person hears in this tick. */
  toneInto(hearer: Party, mix: Int16Array): void;
  /** So many ticks from `tick` on were left out after a stall. */
  skipped(tick: number, ticks: number): void;
}

/** What the conference reports, at the end of the tick it happened in. */
export interface ConferenceEvents {
  /** Agent audio was heard by somebody for the first time since the agent joined. */
  firstAudio(): void;
  /** The playout has reached its split. */
  splitReached(): void;
}

const mixer = createMixer();
const silence = new Int16Array(busTickSamples);

/** Makes an empty conference in which nobody hears anybody. */
export function createConference(events: ConferenceEvents): Conference {
  const caller = new Int16Array(busTickSamples);
  const callee = new Int16Array(busTickSamples);
  const agentVoice = new Int16Array(busTickSamples);
  const ringbackTone = new Int16Array(busTickSamples);
  const promptVoice = new Int16Array(busTickSamples);
  const toCaller = new Int16Array(busTickSamples);
  const toCallee = new Int16Array(busTickSamples);

  const levels = createLevelTap();
  const withCallee = { caller, callee, agent: agentVoice };
  const withoutCallee = { ...withCallee, callee: silence };

  let matrix = matrices.nobody;
  let callerSources: readonly Int16Array[] = [];
  let calleeSources: readonly Int16Array[] = [];
  let agentSpeaks = false;
  let ringback: ToneSource | undefined;
  let prompt: SpokenPrompt | undefined;
  let agent: AgentPort | undefined;
  let firstAudio = false;
  /** The caller has been played something: from then on what it is not played is missing, also between two ring-backs. */
  let callerPlayed = false;
  let ticks = 0;

  const setMatrix = (next: Matrix): void => {
    if (admitsListener(matrix, next)) agent?.forgetVoice();
    if (next.ringback.caller === 0) ringback = undefined;
    else ringback ??= createRingback({ sampleRateHz: busRateHz });
    matrix = next;
    callerSources = [
      ...(next.callee.caller === 0 ? [] : [callee]),
      ...(next.agent.caller === 0 ? [] : [agentVoice]),
      ...(next.ringback.caller === 0 ? [] : [ringbackTone]),
      ...(prompt === undefined ? [] : [promptVoice]),
    ];
    calleeSources = [
      ...(next.caller.callee === 0 ? [] : [caller]),
      ...(next.agent.callee === 0 ? [] : [agentVoice]),
      ...(prompt === undefined ? [] : [promptVoice]),
    ];
    // The agent's audio begins to run when it hears the caller, and so is part of the conversation.
    agentSpeaks = next.caller.agent !== 0;
  };

  const heardByAnybody = (): boolean => matrix.agent.caller !== 0 || matrix.agent.callee !== 0;

  return {
    get ticks() {
      return ticks;
    },
    get matrix() {
      return matrix;
    },
    set matrix(next) {
      setMatrix(next);
    },
    get agent() {
      return agent;
    },
    set agent(next) {
      agent = next;
      firstAudio = false;
      agentVoice.fill(0);
    },
    get prompt() {
      return prompt;
    },
    set prompt(next) {
      prompt = next;
      setMatrix(matrix);
    },
    caller: undefined,
    callee: undefined,
    callerOpen: false,
    calleeOpen: false,
    get ringback() {
      return ringback;
    },
    levels,
    tap: undefined,

    tick() {
      const tick = ticks++;
      const speaker = agentSpeaks ? agent : undefined;
      this.caller?.pull(caller);
      this.callee?.pull(callee);
      const spoken = speaker?.speak(agentVoice) ?? 0;
      // A party that is gone has left its last words in its buffer.
      const said = this.callee === undefined ? withoutCallee : withCallee;
      if (levels.active) levels.push(tick, said);
      this.tap?.tick(tick, said, this);
      if (ringback !== undefined) {
        ringback.fill(ringbackTone);
        if (matrix.ringback.caller === 0.25)
          for (let i = 0; i < busTickSamples; i++) ringbackTone[i] = (ringbackTone[i] as number) >> 2;
      }

      prompt?.fill(promptVoice);

      if (this.callerOpen || ringback !== undefined) {
        mixer.mixInto(toCaller, callerSources);
        this.tap?.toneInto('caller', toCaller);
        this.caller?.play(toCaller);
        callerPlayed = true;
      } else if (callerPlayed) {
        this.caller?.skip(1);
      }
      if (this.calleeOpen) {
        mixer.mixInto(toCallee, calleeSources);
        this.tap?.toneInto('callee', toCallee);
        this.callee?.play(toCallee);
      }
      speaker?.listen(caller, callee, matrix, tick);

      if (spoken > 0 && !firstAudio && heardByAnybody()) {
        firstAudio = true;
        events.firstAudio();
      }
      if (speaker === undefined) return;
      speaker.playout.report();
      if (speaker.playout.splitAt === speaker.playout.played) events.splitReached();
    },

    skipped(count) {
      this.tap?.skipped(ticks, count);
      ticks += count;
      if (this.callerOpen || callerPlayed || ringback !== undefined) this.caller?.skip(count);
      if (this.calleeOpen) this.callee?.skip(count);
      agent?.skipped();
    },
  };
}
