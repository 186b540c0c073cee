import { limits } from '@agentao/protocol';
import type { Annotation } from '../calls/call-notes.ts';

/** Keeps account of what is annotated to one call. */
export interface AnnotationBudget {
  /** Takes an annotation into account; or says why it is refused, and takes nothing. */
  take(annotation: Annotation): string | undefined;
}

/** All annotations of a call together, as JSON in UTF-8. */
const annotationsBytes = 262_144;

/** Makes the budget of a call without annotations. Overflow policy: what is too large, or too much, is refused. */
export function createAnnotationBudget(): AnnotationBudget {
  let bytesLeft = annotationsBytes;
  return {
    take({ kind, data }) {
      const bytes = jsonBytes(data);
      if (bytes > limits.annotationBytes) return `data exceeds ${limits.annotationBytes} bytes of JSON`;
      const total = bytes + jsonBytes(kind);
      if (total > bytesLeft) return `the annotations of this call exceed ${annotationsBytes} bytes of JSON`;
      bytesLeft -= total;
      return undefined;
    },
  };
}

/** Length of a value as JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value) ?? '').length;
}
