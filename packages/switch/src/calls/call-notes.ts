import { limits } from '@agentao/protocol';
import { createAnnotationBudget, jsonBytes } from '../records/annotation-budget.ts';

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

/** Makes empty notes; `onAnnotation` is told of each addition. Overflow policy: what is too large, or too much, is refused. */
export function createCallNotes(onAnnotation?: (annotation: Annotation) => void): CallNotes {
  let context: unknown = null;
  const annotations: Annotation[] = [];
  const budget = createAnnotationBudget();
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
      const refusal = budget.take(annotation);
      if (refusal !== undefined) return refusal;
      annotations.push(annotation);
      onAnnotation?.(annotation);
      return undefined;
    },
  };
}
