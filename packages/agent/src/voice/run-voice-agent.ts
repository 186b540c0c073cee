import type { ActiveCall } from '@agentao/calls';
import { sleep } from '@agentao/clock';
import type { OpenBridge } from '../bridge/open-bridge-options.ts';
import { openBridge } from '../bridge/open-bridge.ts';
import { LiveModelError } from '../live-model.ts';
import { failureLogger } from '../logger.ts';
import type { Tool, ToolContext } from '../tool.ts';
import { declarationOf } from '../tools/define-tool.ts';
import { toolNames } from '../tools/tool-names.ts';
import { ToolRunner } from '../tools/tool-runner.ts';
import type { AgentResult, VoiceAgentOptions } from '../voice-agent.ts';
import { AgentTrace } from './agent-trace.ts';
import { CallNotes } from './call-notes.ts';
import { Goodbye } from './goodbye.ts';
import { keysInWords, watchKeys } from './pressed-keys.ts';
import { SilenceWatch } from './silence-watch.ts';

const defaultSilenceMs = 30_000;
/** How long it rings at most for a greeting that the model is making. */
const greetingWithinMs = 3_000;
const nobodyThere = 'Nobody has spoken for a while. Ask the caller, briefly, whether they are still there.';
const nothing = { inputTokens: 0, outputTokens: 0, totalTokens: 0 };

/** One call of a voice agent, from ringing to the end; see `voiceAgent`. */
export async function runVoiceAgent(call: ActiveCall, options: VoiceAgentOptions): Promise<AgentResult> {
  const { model, logger = failureLogger } = options;
  const { callId, clock } = call;
  const fields = { callId, model: model.name };
  const notes = new CallNotes(call);
  const arrivedMs = clock.now();
  let bridge: OpenBridge | undefined;
  let silence: SilenceWatch | undefined;
  let unwatchKeys: (() => void) | undefined;
  let goodbye: Goodbye | undefined;
  let ending: 'silent' | 'failed' | undefined;
  let error: LiveModelError | undefined;
  const callMs = (): number => bridge?.callMs ?? clock.now() - arrivedMs;
  const trace = new AgentTrace({ callId, model: model.name, clock, callMs });
  const tell = (run: () => unknown): void => void attempt(run).catch((err: unknown) => failed(err));
  const failed = (err: unknown): void => logger.error({ ...fields, err }, 'a handler of the agent failed');
  const afterGoodbye: ToolContext['afterGoodbye'] = (outcome, action) => goodbye?.after(outcome, action) ?? false;

  let runner: ToolRunner | undefined;
  try {
    const [instruction, tools] = await Promise.all([
      attempt(() =>
        typeof options.instruction === 'function' ? options.instruction(call) : (options.instruction ?? ''),
      ),
      attempt((): readonly Tool[] =>
        typeof options.tools === 'function' ? options.tools(call) : (options.tools ?? []),
      ),
    ]);
    toolNames(tools);
    const running = new ToolRunner({
      call,
      tools,
      afterGoodbye,
      isEnding: () => goodbye?.isEnding ?? false,
      callMs,
      onRun: (run) => {
        notes.tool(run);
        trace.tool(run);
        silence?.spoken();
      },
    });
    runner = running;
    const isBusy = (): boolean =>
      bridge === undefined || bridge.busy || running.busy || goodbye?.busy === true || call.state === 'PENDING';
    bridge = await openBridge(call, model, {
      instruction,
      tools: tools.map(declarationOf),
      logger,
      onTool: (request) => running.run(request),
      runTool: (tool, request) => running.runTool(tool, request),
      onCallerSpeech: () => silence?.answered(),
      onTurn: (turn) => {
        notes.turn(turn);
        trace.turn(turn);
        silence?.spoken();
        tell(() => options.onTurn?.(turn, call));
      },
      onTranscript: (update) => {
        if (update.final) {
          const { final: _, ...utterance } = update;
          notes.transcript(utterance);
        }
        tell(() => options.onTranscript?.(update, call));
      },
    });
    logger.info(fields, 'the model is on the call');
    goodbye = new Goodbye({ call, bridge, onFault: failed });
    await greet(call, bridge, options);
    const talking = bridge;
    unwatchKeys = watchKeys({
      call,
      onFirst: () => {
        silence?.answered();
        if (talking.active) void talking.interrupt();
      },
      // While somebody is rung the model is not asked.
      onKeys: (keys) => talking.active && talking.sendText(keysInWords(keys)),
    });
    silence = new SilenceWatch({
      clock,
      timeoutMs: options.silenceTimeoutMs ?? defaultSilenceMs,
      isBusy,
      onSilence: (times) => {
        if (times === 1) {
          talking.sendText(nobodyThere);
          return;
        }
        ending = 'silent';
        call.disconnect().catch(() => {});
      },
    });
    const end = await bridge.end;
    silence.close();
    if (end.why === 'model-lost' && !call.signal.aborted) {
      ending = 'failed';
      error = end.error;
      logger.error({ ...fields, code: error.code, err: error }, 'the model is lost');
      const lost = error;
      const { onModelLost } = options;
      // Whoever was called is rung where nobody has answered yet.
      const leave = (): Promise<unknown> => (call.state === 'PENDING' ? call.close() : call.disconnect());
      await attempt(() => (onModelLost === undefined ? leave() : onModelLost(call, lost))).catch(
        async (err: unknown) => {
          failed(err);
          // Nobody is left with silence.
          if (!call.signal.aborted) await leave().catch(failed);
        },
      );
    }
  } catch (reason) {
    silence?.close();
    if (!call.signal.aborted) {
      ending = 'failed';
      error =
        reason instanceof LiveModelError
          ? reason
          : new LiveModelError('BAD_REQUEST', 'The agent could not be started.', { cause: reason });
      logger.error({ ...fields, code: error.code, err: reason }, 'the agent could not be started');
      await bridge?.close();
      await call.close().catch(() => {});
    }
  }
  const ended = await call.ended;
  unwatchKeys?.();
  await bridge?.close();
  const outcome = ending ?? goodbye?.outcomeOf(ended) ?? 'hung-up';
  const usage = bridge?.usage ?? nothing;
  await notes.end({ model: model.name, outcome, usage });
  trace.end(outcome);
  logger.info({ ...fields, outcome }, 'the agent is off the call');
  return {
    outcome,
    ended,
    transcript: bridge?.transcript ?? [],
    turns: bridge?.turns ?? [],
    tools: runner?.runs ?? [],
    usage,
    ...(error === undefined ? {} : { error }),
  };
}

/** Answers, so that the first thing the caller hears is the greeting. */
async function greet(call: ActiveCall, bridge: OpenBridge, { greeting }: VoiceAgentOptions): Promise<void> {
  const talks = call.state !== 'PENDING';
  if (talks) return;
  if (typeof greeting === 'string') {
    bridge.sendText(greeting);
    const waiting = new AbortController();
    const late = sleep(call.clock, greetingWithinMs, { signal: waiting.signal }).catch(() => {});
    await Promise.race([bridge.firstSound, late]);
    waiting.abort();
    if (bridge.over) return;
  }
  if (call.signal.aborted) return;
  await call.answer();
  if (typeof greeting === 'object') await bridge.play(greeting.play);
}

/** Runs what a user wrote; what it throws is a rejection. */
async function attempt<T>(run: () => T | Promise<T>): Promise<T> {
  return await run();
}
