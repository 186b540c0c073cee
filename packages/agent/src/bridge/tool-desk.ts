import type { ToolAnswer, ToolRequest } from '../live-model.ts';

/** How the tool calls of one model are answered. */
export interface ToolDeskOptions {
  /** Milliseconds since the call reached the switch. */
  readonly callMs: () => number;
  readonly onTool: (request: ToolRequest) => ToolAnswer | Promise<ToolAnswer>;
  /** In its place where too many run: the tool is not to be, `error` is to be answered. */
  readonly onRefused: (request: ToolRequest, error: string) => ToolAnswer | Promise<ToolAnswer>;
  /** Tells the model. Not called for what was cancelled. */
  readonly answer: (answer: ToolAnswer & { readonly id: string; readonly name: string }) => void;
  /** A tool runs. */
  readonly onAsked: () => void;
  /** It does not any more: it is answered, or its answer is not wanted. */
  readonly onSettled: () => void;
}

/** More calls than this at once are answered with an error. */
const mostAtOnce = 64;
const tooMany = `More than ${mostAtOnce} tools run at once. Wait for their answers.`;
/** Ids that are remembered, so that a repeat runs nothing twice. */
const mostRemembered = 1_024;

/** Runs what a model asks for, each on its own; a cancelled one is not answered. */
export class ToolDesk {
  readonly #options: ToolDeskOptions;
  readonly #running = new Map<string, AbortController>();
  readonly #known = new Set<string>();
  #closed = false;

  constructor(options: ToolDeskOptions) {
    this.#options = options;
  }

  get busy(): boolean {
    return this.#running.size > 0;
  }

  call(id: string, name: string, args: unknown): void {
    if (this.#closed || this.#known.has(id)) return;
    this.#known.add(id);
    if (this.#known.size > mostRemembered) this.#known.delete(this.#known.values().next().value ?? '');
    const isRefused = this.#running.size >= mostAtOnce;
    const running = new AbortController();
    this.#running.set(id, running);
    this.#options.onAsked();
    const request: ToolRequest = { id, name, args, signal: running.signal, startMs: this.#options.callMs() };
    void this.#run(request, isRefused).then((answer) => {
      if (this.#running.get(id) !== running) return;
      this.#running.delete(id);
      this.#options.answer({ id, name, ...answer });
      this.#options.onSettled();
    });
  }

  cancel(ids: readonly string[]): void {
    for (const id of ids) {
      const running = this.#running.get(id);
      if (running === undefined) continue;
      this.#running.delete(id);
      running.abort();
      this.#options.onSettled();
    }
  }

  close(): void {
    this.#closed = true;
    this.cancel([...this.#running.keys()]);
  }

  async #run(request: ToolRequest, isRefused: boolean): Promise<ToolAnswer> {
    const { onTool, onRefused } = this.#options;
    try {
      return await (isRefused ? onRefused(request, tooMany) : onTool(request));
    } catch (error) {
      return { error: error instanceof Error ? error.message : 'The tool failed.' };
    }
  }
}
