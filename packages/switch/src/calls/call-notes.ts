import { limits } from '@agentao/protocol';

/** One addition to the call's record by a client. */
export interface Annotation {
  readonly atMs: number;
  readonly kind: string;
  readonly data: unknown;
}

/** What clients leave with a call: the context for whoever takes over, and additions to the record. */
export interface CallNotes {
  /** What was last stored; `null` if nothing. */
  readonly context: unknown;
  readonly annotations: readonly Annotation[];
  /** Stores `context`; returns why not, if so. */
  setContext(context: unknown): string | undefined;
  /** Adds to the record; returns why not, if so. */
  annotate(annotation: Annotation): string | undefined;
}

/** All annotations of a call together, as JSON in UTF-8. */
const annotationsBytes = 262_144;

/** Makes empty notes. Overflow policy: what is too large, or too much, is refused. */
export function createCallNotes(): CallNotes {
  let context: unknown = null;
  const annotations: Annotation[] = [];
  let bytesLeft = annotationsBytes;
  return {
    get context() {
      return context;
    },
    annotations,
    setContext(next) {
      if (jsonBytes(next) > limits.contextBytes) return `context exceeds ${limits.contextBytes} bytes of JSON`;
      context = next;
      return undefined;
    },
    annotate(annotation) {
      const bytes = jsonBytes(annotation.data);
      if (bytes > limits.annotationBytes) return `data exceeds ${limits.annotationBytes} bytes of JSON`;
      const total = bytes + jsonBytes(annotation.kind);
      if (total > bytesLeft) return `the annotations of this call exceed ${annotationsBytes} bytes of JSON`;
      bytesLeft -= total;
      annotations.push(annotation);
      return undefined;
    },
  };
}

function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value) ?? '').length;
}
