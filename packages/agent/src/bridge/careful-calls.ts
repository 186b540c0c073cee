import type { Logger } from '../logger.ts';

/** What the code of others is called with: a model, a program. Whatever it throws is logged and ends nothing. */
export class CarefulCalls {
  readonly #logger: Logger;
  readonly #fields: { readonly callId: string; readonly model: string };

  constructor({ logger, ...fields }: { readonly logger: Logger; readonly callId: string; readonly model: string }) {
    this.#logger = logger;
    this.#fields = fields;
  }

  /** A model that throws is a model that fails. */
  guard(run: () => void): void {
    try {
      run();
    } catch {
      this.warn('the model did not take what was sent to it');
    }
  }

  /** Tells the program, which may reject, too. */
  tell(run: () => unknown): void {
    const failed = (err: unknown): void =>
      this.#logger.error({ callId: this.#fields.callId, err }, 'a handler of the agent failed');
    try {
      const result = run();
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  warn(message: string): void {
    this.#logger.warn(this.#fields, message);
  }
}
