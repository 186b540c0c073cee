import {
  type Attributes,
  context,
  type Context,
  type Span,
  type SpanContext,
  type SpanOptions,
  trace,
  TraceFlags,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import type { Said } from './said.ts';

/** A tracer provider whose spans, ended or not, are nothing but what is written into them. */
export function createWatchingTracerProvider(said: Said): TracerProvider {
  let spans = 0;
  const hex = (digits: number): string => (++spans).toString(16).padStart(digits, '0');

  const startSpan = (name: string, options: SpanOptions = {}, parent: Context = context.active()): Span => {
    const origin = `span ${name}`;
    const write = (field: string, value: unknown): void => said.add(origin, field, value);
    const writeAll = (attributes: Attributes | undefined): void => {
      for (const [field, value] of Object.entries(attributes ?? {})) said.add(origin, field, { [field]: value });
    };
    const above = options.root === true ? undefined : trace.getSpanContext(parent);
    const spanContext: SpanContext = {
      traceId: above?.traceId ?? hex(32),
      spanId: hex(16),
      traceFlags: TraceFlags.SAMPLED,
    };
    write('name', name);
    writeAll(options.attributes);
    for (const link of options.links ?? []) writeAll(link.attributes);
    const span: Span = {
      spanContext: () => spanContext,
      isRecording: () => true,
      setAttribute: (field, value) => (writeAll({ [field]: value }), span),
      setAttributes: (attributes) => (writeAll(attributes), span),
      addEvent: (event, attributes) => {
        write('event', event);
        if (typeof attributes === 'object' && !(attributes instanceof Date)) writeAll(attributes as Attributes);
        return span;
      },
      addLink: (link) => (writeAll(link.attributes), span),
      addLinks: (links) => (links.forEach((link) => writeAll(link.attributes)), span),
      setStatus: ({ message }) => (write('status', message), span),
      updateName: (next) => (write('name', next), span),
      recordException: (exception) => write('exception', exception),
      end: () => undefined,
    };
    return span;
  };

  const tracer: Tracer = {
    startSpan,
    startActiveSpan: (name: string, ...args: readonly unknown[]) => {
      const run = args.at(-1) as (span: Span) => never;
      const [options, parent = context.active()] = args.slice(0, -1) as [SpanOptions?, Context?];
      const span = startSpan(name, options, parent);
      return context.with(trace.setSpan(parent, span), run, undefined, span);
    },
  };
  return { getTracer: () => tracer };
}
