import type { RelayOrder, RelayReport } from './relay-messages.ts';

/** A socket that lives in a worker, as the page sees it: like a `WebSocket`, but of binary messages it has only those that are refused. */
export class RelayedSocket extends EventTarget {
  readonly binaryType = 'arraybuffer';
  /** What waits to be sent is the worker's business. */
  readonly bufferedAmount = 0;
  protocol = '';
  readonly #id: number;
  readonly #order: (order: RelayOrder) => void;

  constructor(id: number, order: (order: RelayOrder) => void) {
    super();
    this.#id = id;
    this.#order = order;
  }

  send(text: string): void {
    this.#order({ type: 'send', id: this.#id, text });
  }

  close(code: number): void {
    this.#order({ type: 'close', id: this.#id, code });
  }

  /** Takes a report of the worker; what is about another socket is ignored. */
  hear(report: RelayReport): void {
    if (report.id !== this.#id) return;
    switch (report.type) {
      case 'opened':
        this.protocol = report.protocol;
        this.dispatchEvent(new Event('open'));
        return;
      case 'text':
        this.dispatchEvent(new MessageEvent('message', { data: report.text }));
        return;
      case 'refused':
        this.dispatchEvent(new MessageEvent('message', { data: report.bytes }));
        return;
      case 'closed':
        this.dispatchEvent(new CloseEvent('close', { code: report.code }));
    }
  }
}
