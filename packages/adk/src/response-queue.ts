import type { LlmResponse } from '@google/adk';

/** Responses on their way to the kit, which may be busy with a tool. */
export class ResponseQueue {
  #waiting: LlmResponse[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #error: Error | undefined;

  push(response: LlmResponse): void {
    if (this.#ended) return;
    this.#waiting.push(response);
    this.#wake?.();
  }

  /** No more come; with an error the reader gets it after what is waiting. */
  end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#wake?.();
  }

  async *read(): AsyncGenerator<LlmResponse, void, void> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else if (this.#error !== undefined) throw this.#error;
      else if (this.#ended) return;
      else {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#wake = resolve;
        await promise;
        this.#wake = undefined;
      }
    }
  }
}
