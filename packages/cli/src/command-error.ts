/** Something the person at the keyboard can put right. Shown as this one line; the command ends with exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** The first line of any failure's text, without a stack. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0]?.trim() ?? '';
}
