import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, type ContextManager, context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

/** An SDK and a context manager in place of what was registered, until it is disposed of. */
export interface SpanRecorder extends Disposable {
  /** The spans that have ended, oldest first. */
  readonly spans: readonly ReadableSpan[];
  /** The one span of that name; throws `Error` unless there is exactly one. */
  only(name: string): ReadableSpan;
}

/** Registers it. */
export function openSpanRecorder(): SpanRecorder {
  const exporter = new InMemorySpanExporter();
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (at, run, that, ...args) => storage.run(at, () => run.call(that, ...args)),
    bind: (_, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  trace.disable();
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  context.disable();
  context.setGlobalContextManager(manager);
  return {
    get spans() {
      return exporter.getFinishedSpans();
    },
    only: (name) => {
      const [span, ...more] = exporter.getFinishedSpans().filter((candidate) => candidate.name === name);
      if (span === undefined || more.length > 0) throw new Error(`not one span ${name}`);
      return span;
    },
    [Symbol.dispose]: () => {
      trace.disable();
      context.disable();
    },
  };
}
