import type { Secrets } from './secrets.ts';

const tokenFields = new Set(['mediaToken', 'resumeToken', 'token', 'ticket', 'apiKey', 'secret']);
const numberFields = new Set(['callerNumber', 'calleeNumber', 'number', 'numbers', 'from', 'to']);
const digitFields = new Set(['digit', 'digits']);
const namesOnly: ReadonlySet<unknown> = new Set(['tool', 'agent']);
const deepest = 5;
const longestList = 1_000;

/** Collects what a message of the wire, or the body of a request, holds that belongs into no log. */
export function secretsInMessage(message: unknown, secrets: Secrets): void {
  if (typeof message === 'object' && message !== null) visit(message, secrets, 0);
}

function visit(object: object, secrets: Secrets, depth: number): void {
  // Audio is no message.
  if (Array.isArray(object) && object.length > longestList) return;
  const type = 'type' in object ? object.type : undefined;
  // Which tool ran and how an agent's part came out are names; everything else that is added to a record may be what somebody said.
  const isSaid = type === 'annotate' && !('kind' in object && namesOnly.has(object.kind));
  // That of a command, or of the owner before, which an offer tells beside the mode.
  const storesContext = type === 'context' || 'mode' in object;
  for (const [name, value] of Object.entries(object)) {
    if (tokenFields.has(name)) secrets.token(value);
    else if (digitFields.has(name)) secrets.digits(value);
    else if (numberFields.has(name)) {
      for (const number of Array.isArray(value) ? value : [value]) secrets.number(number);
    } else if ((storesContext && name === 'context') || (isSaid && name === 'data')) secrets.text(value);
    else if (typeof value === 'object' && value !== null && depth < deepest) visit(value, secrets, depth + 1);
  }
}
