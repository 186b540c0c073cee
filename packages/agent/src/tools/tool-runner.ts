import type { ActiveCall } from '@agentao/calls';
import { withDeadline } from '@agentao/clock';
import type { ToolRun } from '../conversation.ts';
import type { ToolAnswer, ToolRequest } from '../live-model.ts';
import type { Tool, ToolContext } from '../tool.ts';

/** What the tools of one call are run with. */
export interface ToolRunnerOptions {
  readonly call: ActiveCall;
  readonly tools: readonly Tool[];
  readonly afterGoodbye: ToolContext['afterGoodbye'];
  /** Whether an action waits for the goodbye, or was run. */
  readonly isEnding: () => boolean;
  /** Milliseconds since the call reached the switch, for requests that do not tell. */
  readonly callMs: () => number;
  readonly onRun: (run: ToolRun) => void;
}

/** The answer of a tool is at most this long, as JSON. */
const longestAnswer = 262_144;
/** What went wrong is told to the model in so many characters. */
const longestReason = 1_000;

/** When a tool began: on the record, and on the clock of the call. */
interface Begun {
  readonly startMs: number;
  readonly beganMs: number;
}

class ToolTimeout extends Error {}

/** Arguments that the schema does not take. */
class WrongArguments extends Error {}

/** A tool that there is not; in words for the model. */
export class UnknownTool extends Error {
  constructor(name: string, known: readonly string[]) {
    super(`There is no tool ${name}. ${known.length === 0 ? 'There are none.' : `There are: ${known.join(', ')}.`}`);
  }
}

/** Runs tools, each with its checks, its deadline and its record. Nothing here ever rejects or ends a call. */
export class ToolRunner {
  readonly #options: ToolRunnerOptions;
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #runs: ToolRun[] = [];
  #active = 0;

  constructor(options: ToolRunnerOptions) {
    this.#options = options;
    this.#tools = new Map(options.tools.map((tool) => [tool.name, tool]));
  }

  get runs(): readonly ToolRun[] {
    return this.#runs;
  }

  get busy(): boolean {
    return this.#active > 0;
  }

  /** Runs the tool of that name. */
  run(request: ToolRequest): Promise<ToolAnswer> {
    const tool = this.#tools.get(request.name);
    if (tool !== undefined) return this.runTool(tool, request);
    this.#record(request, { ...this.#begin(request), outcome: 'unknown-tool' });
    return Promise.resolve({ error: new UnknownTool(request.name, [...this.#tools.keys()]).message });
  }

  /** Runs this tool. */
  async runTool(tool: Tool, request: ToolRequest): Promise<ToolAnswer> {
    const begun = this.#begin(request);
    this.#active += 1;
    try {
      const [outcome, answer] = await this.#execute(tool, request);
      this.#record(request, { ...begun, outcome });
      return answer;
    } finally {
      this.#active -= 1;
    }
  }

  async #execute(tool: Tool, request: ToolRequest): Promise<readonly [ToolRun['outcome'], ToolAnswer]> {
    const { call, afterGoodbye, isEnding } = this.#options;
    const aborting = new AbortController();
    const sources = [call.signal, ...(request.signal === undefined ? [] : [request.signal])];
    const gone = Promise.withResolvers<never>();
    gone.promise.catch(() => {});
    const onAbort = (): void => {
      aborting.abort();
      gone.reject(new Error('cancelled'));
    };
    for (const source of sources) {
      if (source.aborted) onAbort();
      else source.addEventListener('abort', onAbort, { once: true });
    }
    try {
      if (aborting.signal.aborted) throw new Error('cancelled');
      const work = Promise.resolve().then(async () => {
        const args = await checked(tool, request.args);
        if (aborting.signal.aborted) throw new Error('cancelled');
        return tool.execute(args, { call, signal: aborting.signal, afterGoodbye, isEnding });
      });
      const output = await withDeadline(call.clock, Promise.race([work, gone.promise]), {
        timeoutMs: tool.timeoutMs,
        error: () => new ToolTimeout(),
      });
      return answered(tool.name, output);
    } catch (error) {
      if (sources.some(({ aborted }) => aborted)) return ['cancelled', { error: 'Cancelled.' }];
      if (error instanceof ToolTimeout) {
        return ['timeout', { error: `${tool.name} takes too long. Tell the caller that it did not work.` }];
      }
      if (error instanceof UnknownTool) return ['unknown-tool', { error: error.message }];
      if (error instanceof WrongArguments) {
        return ['bad-arguments', { error: `Wrong arguments for ${tool.name}. ${reasonOf(error)}. Call it again.` }];
      }
      return ['failed', { error: `${tool.name} failed: ${reasonOf(error)}` }];
    } finally {
      aborting.abort();
      for (const source of sources) source.removeEventListener('abort', onAbort);
    }
  }

  #begin({ startMs }: ToolRequest): Begun {
    const { call, callMs } = this.#options;
    return { startMs: startMs ?? callMs(), beganMs: call.clock.now() };
  }

  #record(request: ToolRequest, { startMs, beganMs, outcome }: Begun & Pick<ToolRun, 'outcome'>): void {
    const durationMs = this.#options.call.clock.now() - beganMs;
    const run: ToolRun = { id: request.id, name: request.name, startMs, durationMs, outcome };
    this.#runs.push(run);
    this.#options.onRun(run);
  }
}

/** The arguments as the tool gets them. Rejects with `WrongArguments`, or with what the schema throws. */
async function checked(tool: Tool, args: unknown): Promise<unknown> {
  const parsed = await tool.input.safeParseAsync(args ?? {});
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`);
  throw new WrongArguments(issues.join('; '));
}

/** In words for the model, whatever was thrown. */
function reasonOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error).slice(0, longestReason);
  } catch {
    return 'no reason was given';
  }
}

function answered(name: string, output: unknown): readonly [ToolRun['outcome'], ToolAnswer] {
  try {
    const json = JSON.stringify(output ?? null);
    if (json === undefined) return ['failed', { error: `${name} failed: its answer is no JSON.` }];
    if (json.length > longestAnswer) return ['failed', { error: `${name} failed: its answer is too long.` }];
    return ['ok', { output: output ?? null }];
  } catch {
    return ['failed', { error: `${name} failed: its answer is no JSON.` }];
  }
}
