import type {
  AgentState,
  CallDirection,
  CallMode,
  ConnectCommand,
  FrameHeader,
  MediaCommand,
  MonitorHearing,
  Party,
} from '@agentao/protocol';
import { createConference } from '../media/conference.ts';
import type { CallLevels } from '../media/level-tap.ts';
import { hearingOf, matrixOf } from '../media/matrix.ts';
import type { AgentAbsence, AgentAttachment, AgentLink, AgentResumption, AgentReturn } from './agent-link.ts';
import { type AgentSession, createAgentSession } from './agent-session.ts';
import { allowsVerb } from './agent-table.ts';
import { type AttemptFailure, attemptFailure, endingBy, failedEnding } from './leg-endings.ts';
import type { Call, CallEnding } from './call.ts';
import { createCallNotes } from './call-notes.ts';
import type { CallOptions } from './call-options.ts';
import { startPulse } from './call-pulse.ts';
import { type CallScope, createCallScope } from './call-scope.ts';
import { aftermaths, type CallStage, type CallTrigger, type Departure, nextCallStage } from './call-table.ts';
import { type CallTimeline, createCallTimeline } from './call-timeline.ts';
import { type CalleeLine, createCalleeLine, type RingWish } from './callee-line.ts';
import { type CallerLine, createCallerLine } from './caller-line.ts';
import { sendKeys } from './key-relay.ts';
import { applyPendingMode } from './mode-commands.ts';
import { type CommandSurroundings, runPlainCommand } from './plain-commands.ts';

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
  readonly #timeline: CallTimeline;
  readonly #scope: CallScope;
  readonly #caller: CallerLine;
  readonly #callee: CalleeLine;
  readonly #notes = createCallNotes((annotation) => this.#options.record?.annotated(annotation));
  readonly #conference = createConference({
    firstAudio: () => this.#timeline.note('first_audio'),
    splitReached: () => {
      if (this.#agent) applyPendingMode(this.#agent, this.#setMode);
    },
  });
  readonly #surroundings: CommandSurroundings;
  readonly #setMode = (mode: CallMode): void => {
    this.#mode = mode;
    this.#changed();
  };
  #stage: CallStage = 'waiting';
  #mode: CallMode | null = null;
  #agent: AgentSession | undefined;
  #epochs = 0;
  #pendingOverdue = false;
  #pulse: Disposable | undefined;

  constructor(options: CallOptions) {
    const { callId, incoming, clock } = options;
    this.#options = options;
    this.#originMs = clock.now();
    this.callId = callId;
    this.connectorUuid = options.connectorUuid;
    this.callerNumber = incoming.caller.number;
    this.calleeNumber = incoming.calleeNumber;
    this.startedAtMs = clock.wallTime();
    this.#timeline = createCallTimeline(callId, { atMs: () => this.atMs, write: options.onTimeline });
    this.#scope = createCallScope(clock, (error) => this.#fault(error));
    this.#conference.tap = options.record?.tap;
    const edge = { scope: this.#scope, conference: this.#conference };
    this.#caller = createCallerLine(incoming.caller, {
      ...edge,
      events: {
        answered: () => this.#callerAnswered(),
        answerFailed: (message) => this.#callerAnswerFailed(message),
        ended: (end) => this.end(endingBy('caller', end)),
        keyPressed: (digit, durationMs) => this.#keyPressed('caller', digit, durationMs),
      },
    });
    this.#callee = createCalleeLine({
      ...edge,
      find: () => options.ring(this.calleeNumber, this.callerNumber),
      events: {
        pickedUp: () => this.#calleePickedUp(),
        failed: (wish, failure) => this.#ringingFailed(wish, failure),
        ended: (end) => this.end(endingBy('callee', end)),
        keyPressed: (digit, durationMs) => this.#keyPressed('callee', digit, durationMs),
      },
    });
    const lines = { caller: this.#caller, callee: this.#callee, conference: this.#conference };
    const noted = { timeline: this.#timeline, notes: this.#notes, atMs: () => this.atMs };
    this.#surroundings = { ...noted, lines, setMode: this.#setMode };
  }

  /** Starts the caller's leg, the deadlines and the ticks. Once, by `createCall`. */
  start(): void {
    const { wheel, limits } = this.#options;
    this.#timeline.note('arrived', { from: this.callerNumber, to: this.calleeNumber });
    this.#pulse = startPulse({
      wheel,
      limits,
      scope: this.#scope,
      conference: this.#conference,
      pendingTooLong: () => this.#pendingTooLong(),
      callTooLong: () => this.end({ reason: 'timeout', by: 'switch' }),
    });
    this.#caller.start();
  }

  get atMs(): number {
    return Math.round(this.#options.clock.now() - this.#originMs);
  }

  get state(): AgentState {
    if (this.#agent) return this.#agent.state;
    return this.#stage === 'waiting' && !this.ringing ? 'PENDING' : 'DISCONNECTED';
  }

  get mode(): CallMode | null {
    return this.#mode;
  }

  get ringing(): boolean {
    return this.#callee.wish !== undefined;
  }

  get hearing(): MonitorHearing {
    return hearingOf(this.#conference.matrix);
  }

  get ended(): boolean {
    return this.#stage === 'ended';
  }

  get context(): unknown {
    return this.#notes.context;
  }

  get annotations(): Call['annotations'] {
    return this.#notes.annotations;
  }

  attach(link: AgentLink): AgentAttachment | undefined {
    if (this.#agent || this.#stage !== 'waiting' || this.ringing || this.#caller.answering) return undefined;
    const agent = createAgentSession({
      epoch: ++this.#epochs,
      link,
      scope: this.#scope,
      atMs: () => this.atMs,
      onEvent: this.#timeline.event,
      onGone: () => this.agentLost(),
    });
    this.#agent = agent;
    this.#conference.agent = agent.port;
    this.#timeline.note('attached', { clientId: link.clientId });
    this.#changed();
    return { epoch: agent.epoch, ...agent.standing(this.#mode) };
  }

  agentAway(link: AgentLink, absence: AgentAbsence): void {
    if (this.#agent?.lose(link, absence)) this.#timeline.note('agent_away', { waitMs: absence.forMs });
  }

  resume(link: AgentLink, back: AgentReturn, answer: (resumption: AgentResumption) => void): boolean {
    const agent = this.#agent;
    if (agent?.epoch !== back.epoch) return false;
    agent.resume(link, back, (resumption) => {
      this.#timeline.note('agent_resumed');
      answer({ ...agent.standing(this.#mode), ...resumption });
    });
    return true;
  }

  audio(header: FrameHeader, samples: Int16Array): void {
    this.#agent?.playout.push(header, samples);
  }

  mark(position: number): void {
    this.#agent?.playout.mark(position);
  }

  forceDisconnect(): void {
    if (this.#agent) this.end({ reason: 'disconnected', by: 'agent' });
  }

  agentLost(): void {
    if (!this.#agent) return;
    this.#timeline.note('agent_lost');
    this.#depart(this.#agent, 'lost');
  }

  nobodyReady(): void {
    if (!this.#agent && this.#stage === 'waiting' && !this.ringing) this.#ringWithoutAgent();
  }

  command(command: MediaCommand): void {
    const agent = this.#agent;
    if (!agent?.begin(command)) return;
    this.#timeline.note('command', { command: command.type });
    if (!allowsVerb(command.type, agent.state, this.ringing)) {
      const ringing = this.ringing ? ' while the callee is rung' : '';
      agent.fail(command.id, 'INVALID_STATE', `${command.type} is not allowed in ${agent.state}${ringing}.`);
      return;
    }
    this.#scope.guarded(() => this.#run(agent, command));
  }

  #run(agent: AgentSession, command: MediaCommand): void {
    const { id } = command;
    switch (command.type) {
      case 'answer':
        return this.#answer(agent, id);
      case 'connect':
        return this.#connect(agent, command);
      case 'connect.cancel':
        return this.#cancelConnect(agent, id, command.connectId);
      case 'disconnect':
        return this.end({ reason: 'disconnected', by: 'agent' }, id);
      case 'close':
        return this.#depart(agent, 'close', id);
      default:
        return runPlainCommand(agent, command, this.#surroundings);
    }
  }

  #answer(agent: AgentSession, id: number): void {
    if (agent.answerId !== undefined) return agent.fail(id, 'INVALID_STATE', 'The caller is being answered already.');
    agent.answerId = id;
    this.#caller.answer();
  }

  #callerAnswered(): void {
    if (this.#stage !== 'waiting') return;
    const agent = this.#agent;
    // A `connect` alone leads from PENDING straight to CONNECTED; an `answer` beside it is told first.
    if (this.#callee.pickedUp && agent?.answerId === undefined) return this.#connected();
    this.#advance('caller_answered');
    agent?.move('answered');
    this.#changed();
    if (agent) {
      agent.event({ type: 'call.answered' });
      if (agent.answerId !== undefined) agent.succeed(agent.answerId);
      agent.answerId = undefined;
    }
    if (this.#callee.pickedUp) this.#connected();
    else if (!agent && !this.ringing) this.#ringWithoutAgent();
  }

  #callerAnswerFailed(message: string): void {
    const agent = this.#agent;
    const id = agent?.answerId;
    if (agent && id !== undefined) {
      agent.answerId = undefined;
      agent.move('answer_failed');
      agent.event({ type: 'call.answer_failed', errorCode: 'ANSWER_FAILED', errorMessage: message });
      agent.fail(id, 'ANSWER_FAILED', message);
    }
    if (this.#callee.pickedUp) this.#stopRinging({ code: 'ANSWER_FAILED', message }, 'switch');
    else if (!agent && !this.ringing) this.#options.onWantsAgent(this);
  }

  #connect(agent: AgentSession, { id, ringTimeMs, mode }: ConnectCommand): void {
    if (this.#callee.ring({ connectId: id, mode, ringTimeMs })) this.#changed();
    else this.#connectFailed(agent, id, attemptFailure('unreachable'));
  }

  #connectFailed(agent: AgentSession, connectId: number, { code, message }: AttemptFailure): void {
    agent.move('connect_failed');
    agent.event({ type: 'call.connect_failed', errorCode: code, errorMessage: message });
    agent.fail(connectId, code, message);
  }

  #cancelConnect(agent: AgentSession, id: number, connectId: number): void {
    if (this.#callee.wish?.connectId !== connectId) {
      return agent.fail(id, 'BAD_ARGUMENT', 'connectId is not that of the ringing connect.');
    }
    this.#stopRinging({ code: 'CONNECT_CANCELLED', message: 'The agent cancelled the ringing.' }, 'agent');
    agent.succeed(id);
  }

  #ringWithoutAgent(): void {
    const { agentlessRingMs } = this.#options.limits;
    if (this.#callee.ring({ connectId: undefined, mode: 'barge', ringTimeMs: agentlessRingMs })) this.#changed();
    else this.end(failedEnding('CALLEE_UNREACHABLE'));
  }

  #calleePickedUp(): void {
    if (this.#stage === 'answered') this.#connected();
    else this.#caller.answer();
  }

  #connected(): void {
    const { wish } = this.#callee;
    if (wish === undefined) return;
    const agent = this.#agent;
    this.#callee.connected();
    this.#advance('callee_connected');
    this.#mode = agent ? wish.mode : null;
    agent?.move('connected');
    this.#changed();
    if (!agent || wish.connectId === undefined) return;
    agent.event({ type: 'call.connected', mode: wish.mode });
    agent.succeed(wish.connectId);
  }

  #stopRinging(failure: AttemptFailure, by: 'agent' | 'switch'): void {
    const { wish } = this.#callee;
    if (wish === undefined) return;
    this.#callee.drop('unanswered', by);
    this.#ringingFailed(wish, failure);
  }

  #ringingFailed({ connectId }: RingWish, failure: AttemptFailure): void {
    const agent = this.#agent;
    if (!agent || connectId === undefined) return this.end(failedEnding(failure.code));
    this.#changed();
    this.#connectFailed(agent, connectId, failure);
    if (this.#pendingOverdue) this.#pendingTooLong();
  }

  #depart(agent: AgentSession, how: Departure, closingId?: number): void {
    if (this.#stage === 'ended') return;
    const pending = this.#stage === 'waiting' && !this.ringing;
    const aftermath = aftermaths[how][this.ringing ? 'ringing' : this.#stage];
    if (aftermath === 'end') return this.end({ reason: 'left', by: 'agent' }, closingId);
    this.#agent = undefined;
    this.#conference.agent = undefined;
    this.#mode = null;
    this.#changed();
    if (how === 'lost') agent.end('media_lost', 'switch');
    else agent.end(pending ? 'declined' : 'left', 'agent', closingId);
    // With an answer under way, its outcome decides what comes next.
    if (aftermath === 'offer' && !this.#caller.answering) this.#options.onWantsAgent(this);
    if (aftermath === 'ring') this.#ringWithoutAgent();
  }

  #keyPressed(party: Party, digit: string, durationMs: number): void {
    if (this.#conference.matrix[party].agent !== 0) this.#agent?.event({ type: 'call.dtmf', digit, party, durationMs });
    sendKeys(party, digit, this.#surroundings.lines);
  }

  #pendingTooLong(): void {
    this.#pendingOverdue = true;
    if (this.#stage === 'waiting' && !this.ringing) this.end({ reason: 'timeout', by: 'switch' });
  }

  onLevels(listener: (levels: CallLevels) => void): () => void {
    return this.#conference.levels.listen(listener);
  }

  /** As {@link Call.end}; `closingId` is the command of the agent that asked for it. */
  end(ending: CallEnding, closingId?: number): void {
    if (this.#stage === 'ended') return;
    this.#advance('ended');
    const agent = this.#agent;
    const { reason, by } = ending;
    this.#pulse?.[Symbol.dispose]();
    this.#agent = undefined;
    this.#mode = null;
    this.#conference.agent = undefined;
    this.#caller.hangUp(reason, by);
    this.#callee.drop(reason, by);
    this.#changed();
    this.#scope.guarded(() => agent?.end(reason, by, closingId));
    this.#timeline.note('ended', { reason, by });
    this.#options.onEnded(this, ending);
  }

  #advance(trigger: CallTrigger): void {
    this.#stage = nextCallStage(this.#stage, trigger);
  }

  /** Brings the matrix in line with what the call is now; it holds from the next tick on. */
  #changed(): void {
    const situation = {
      stage: this.#stage,
      ringing: this.ringing,
      agentPresent: this.#agent !== undefined,
      mode: this.#mode,
    };
    const matrix = matrixOf(situation);
    if (matrix !== this.#conference.matrix) this.#conference.matrix = matrix;
    const { stage, ringing, mode } = situation;
    this.#timeline.note('state', { stage, ringing, state: this.state, mode });
    this.#options.onChanged(this);
  }

  /** A fault in here ends this call, and nothing else. */
  #fault(error: unknown): void {
    this.#timeline.fault(error);
    this.end({ reason: 'failed', by: 'switch' });
  }
}
