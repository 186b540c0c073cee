import type {
  AgentState,
  CallDirection,
  CallMode,
  FrameHeader,
  MediaCommand,
  MonitorHearing,
  Party,
  TakeoverState,
} from '@agentao/protocol';
import type { CallLevels } from '../media/level-tap.ts';
import { hearingOf, matrixOf } from '../media/matrix.ts';
import type { AgentAbsence, AgentAttachment, AgentLink, AgentResumption, AgentReturn } from './agent-link.ts';
import { type AgentSession, createAgentSession } from './agent-session.ts';
import { allowsVerb } from './agent-table.ts';
import { type CallCore, createCallCore } from './call-core.ts';
import type { Call, CallEnding } from './call.ts';
import type { CallOptions } from './call-options.ts';
import { startPulse } from './call-pulse.ts';
import { type Connecting, createConnecting } from './connecting.ts';
import { sendKeys } from './key-relay.ts';
import { endingBy } from './leg-endings.ts';
import { applyPendingMode } from './mode-commands.ts';
import { type CommandSurroundings, runPlainCommand } from './plain-commands.ts';
import { playPrompt } from './prompts.ts';
import { createSuccession, type Succession } from './succession.ts';

/** The one implementation of {@link Call}; its states are those of `call-table.ts` and `agent-table.ts`. */
export class SwitchCall implements Call {
  readonly callId: string;
  readonly connectorUuid: string;
  readonly callerNumber: string;
  readonly calleeNumber: string;
  readonly direction: CallDirection = 'MT';
  readonly startedAtMs: number;

  readonly #options: CallOptions;
  readonly #originMs: number;
  readonly #core: CallCore;
  readonly #connecting: Connecting;
  readonly #succession: Succession;
  readonly #surroundings: CommandSurroundings;
  readonly #setMode = (mode: CallMode): void => {
    this.#core.mode = mode;
    this.#changed();
  };
  #epochs = 0;
  #pulse: Disposable | undefined;
  #farewell: Disposable | undefined;

  constructor(options: CallOptions) {
    const { callId, incoming, clock } = options;
    this.#options = options;
    this.#originMs = clock.now();
    this.callId = callId;
    this.connectorUuid = options.connectorUuid;
    this.callerNumber = incoming.caller.number;
    this.calleeNumber = incoming.calleeNumber;
    this.startedAtMs = clock.wallTime();
    const atMs = (): number => this.atMs;
    const core = createCallCore(options, {
      atMs,
      events: {
        conference: {
          firstAudio: () => core.timeline.note('first_audio'),
          splitReached: () => {
            if (core.agent) applyPendingMode(core.agent, this.#setMode);
          },
        },
        caller: {
          answered: () => this.#connecting.callerAnswered(),
          answerFailed: (message) => this.#connecting.callerAnswerFailed(message),
          ended: (end) => this.end(endingBy('caller', end)),
          keyPressed: (digit, durationMs) => this.#keyPressed('caller', digit, durationMs),
        },
        callee: {
          pickedUp: () => this.#connecting.calleePickedUp(),
          failed: (wish, failure) => this.#connecting.ringingFailed(wish, failure),
          ended: (end) => this.end(endingBy('callee', end)),
          keyPressed: (digit, durationMs) => this.#keyPressed('callee', digit, durationMs),
        },
        changed: () => this.#changed(),
        wantAgent: () => options.onWantsAgent(this),
        end: (ending, closingId) => this.end(ending, closingId),
        fault: (error) => this.#fault(error),
      },
    });
    this.#core = core;
    this.#succession = createSuccession(core);
    this.#connecting = createConnecting(core, this.#succession);
    const { timeline, notes } = core;
    this.#surroundings = { timeline, notes, atMs, lines: core, setMode: this.#setMode };
  }

  /** Starts the caller's leg, the deadlines and the ticks. Once, by `createCall`. */
  start(): void {
    const { wheel, limits } = this.#options;
    const { timeline, scope, conference, caller } = this.#core;
    timeline.note('arrived', { from: this.callerNumber, to: this.calleeNumber });
    this.#pulse = startPulse({
      wheel,
      limits,
      scope,
      conference,
      pendingTooLong: () => this.#connecting.pendingTooLong(),
      callTooLong: () => this.end({ reason: 'timeout', by: 'switch' }),
    });
    caller.start();
  }

  get atMs(): number {
    return Math.round(this.#options.clock.now() - this.#originMs);
  }

  get state(): AgentState {
    const { agent, stage, ringing } = this.#core;
    const sought = agent ?? this.takeover;
    if (sought) return sought.state;
    return stage === 'waiting' && !ringing ? 'PENDING' : 'DISCONNECTED';
  }

  get mode(): CallMode | null {
    return this.#core.mode;
  }

  get ringing(): boolean {
    return this.#core.ringing;
  }

  get hearing(): MonitorHearing {
    return hearingOf(this.#core.conference.matrix);
  }

  get ended(): boolean {
    return this.#core.stage === 'ended';
  }

  get takeover(): TakeoverState | undefined {
    return this.#succession.takeover;
  }

  get context(): unknown {
    return this.#core.notes.context;
  }

  get annotations(): Call['annotations'] {
    return this.#core.notes.annotations;
  }

  attach(link: AgentLink): AgentAttachment | undefined {
    const core = this.#core;
    if (core.agent || !this.#succession.open) return undefined;
    const { takeover } = this;
    const { clientId } = link;
    const agent = createAgentSession({
      epoch: ++this.#epochs,
      trigger: takeover ? `taken_over_${takeover.state === 'CONNECTED' ? 'connected' : 'answered'}` : 'accepted',
      link,
      scope: core.scope,
      atMs: () => this.atMs,
      annotate: (annotation) => core.notes.annotate({ atMs: this.atMs, ...annotation }),
      onEvent: core.timeline.event,
      onGone: () => this.agentLost(),
    });
    this.#succession.found();
    core.agent = agent;
    core.mode = takeover?.mode ?? null;
    core.timeline.note('attached', { clientId, ...(takeover && { takenOver: true }) });
    this.#changed();
    return { epoch: agent.epoch, ...agent.standing(core.mode) };
  }

  agentAway(link: AgentLink, absence: AgentAbsence): void {
    const { agent, timeline } = this.#core;
    if (agent?.lose(link, absence)) timeline.note('agent_away', { waitMs: absence.forMs });
  }

  resume(link: AgentLink, back: AgentReturn, answer: (resumption: AgentResumption) => void): boolean {
    const { agent, timeline } = this.#core;
    if (agent?.epoch !== back.epoch) return false;
    agent.resume(link, back, (resumption) => {
      timeline.note('agent_resumed');
      answer({ ...agent.standing(this.mode), ...resumption });
    });
    return true;
  }

  audio(header: FrameHeader, samples: Int16Array): void {
    this.#core.agent?.playout.push(header, samples);
  }

  mark(position: number): void {
    this.#core.agent?.playout.mark(position);
  }

  forceDisconnect(): void {
    if (this.#core.agent) this.end({ reason: 'disconnected', by: 'agent' });
  }

  agentLost(): void {
    const { agent, timeline } = this.#core;
    if (!agent) return;
    timeline.note('agent_lost');
    this.#succession.depart(agent, 'lost');
  }

  nobodyReady(): void {
    this.#succession.nobodyReady();
  }

  command(command: MediaCommand): void {
    const { agent, timeline, scope, ringing } = this.#core;
    if (!agent?.begin(command)) return;
    timeline.note('command', { command: command.type });
    if (!allowsVerb(command.type, agent.state, ringing)) {
      const where = ringing ? ' while the callee is rung' : '';
      const verb = command.type === 'mode' ? command.mode : command.type;
      agent.fail(command.id, 'INVALID_STATE', `${verb} is not allowed in ${agent.state}${where}.`);
      return;
    }
    scope.guarded(() => this.#run(agent, command));
  }

  #run(agent: AgentSession, command: MediaCommand): void {
    const { id } = command;
    switch (command.type) {
      case 'answer':
        return this.#connecting.answer(agent, id);
      case 'connect':
        return this.#connecting.connect(agent, command);
      case 'connect.cancel':
        return this.#connecting.cancel(agent, id, command.connectId);
      case 'disconnect':
        return this.end({ reason: 'disconnected', by: 'agent' }, id);
      case 'close':
        return this.#succession.depart(agent, command.handOver === true ? 'hand_over' : 'close', id);
      default:
        return runPlainCommand(agent, command, this.#surroundings);
    }
  }

  #keyPressed(party: Party, digit: string, durationMs: number): void {
    const { conference, agent } = this.#core;
    if (conference.matrix[party].agent !== 0) agent?.event({ type: 'call.dtmf', digit, party, durationMs });
    sendKeys(party, digit, this.#core);
  }

  onLevels(listener: (levels: CallLevels) => void): () => void {
    return this.#core.conference.levels.listen(listener);
  }

  endSaying(ending: CallEnding): void {
    const core = this.#core;
    const { stage, conference, timeline } = core;
    if (stage === 'waiting') return this.end(ending);
    // Where something is being said already, the call ends behind that.
    if (stage === 'ended' || conference.prompt !== undefined) return;
    timeline.note('prompt');
    this.#changed();
    this.#farewell = playPrompt(core, this.#options.prompts.shuttingDown, () => this.end(ending));
  }

  /** As {@link Call.end}; `closingId` is the command of the agent that asked for it. */
  end(ending: CallEnding, closingId?: number): void {
    const core = this.#core;
    if (core.stage === 'ended') return;
    core.advance('ended');
    const { agent } = core;
    const { reason, by } = ending;
    this.#pulse?.[Symbol.dispose]();
    this.#succession.stop();
    this.#farewell?.[Symbol.dispose]();
    core.agent = undefined;
    core.mode = null;
    core.caller.hangUp(reason, by);
    core.callee.drop(reason, by);
    this.#changed();
    core.scope.guarded(() => agent?.end(reason, by, closingId));
    core.timeline.note('ended', { reason, by });
    this.#options.onEnded(this, ending);
  }

  /** Brings the matrix in line with what the call is now; it holds from the next tick on. */
  #changed(): void {
    const { conference, timeline, stage, ringing, agent, mode } = this.#core;
    const matrix = matrixOf({ stage, ringing, agentPresent: agent !== undefined, mode });
    if (matrix !== conference.matrix) conference.matrix = matrix;
    timeline.note('state', { stage, ringing, state: this.state, mode });
    this.#options.onChanged(this);
  }

  /** A fault in here ends this call, and nothing else. */
  #fault(error: unknown): void {
    this.#core.timeline.fault(error);
    this.end({ reason: 'failed', by: 'switch' });
  }
}
