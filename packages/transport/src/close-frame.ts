/** The most that fits into a close frame beside its code (RFC 6455, 5.5.1). */
const maxReasonBytes = 123;

/** Throws a RangeError unless `code` may travel in a close frame (RFC 6455, 7.4). */
export function checkCloseCode(code: number): void {
  const standard = code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
  const own = code >= 3000 && code <= 4999;
  if (!Number.isInteger(code) || !(standard || own)) throw new RangeError(`close: ${code} is no close code to send`);
}

/** The longest beginning of `reason` that fits into a close frame, in whole characters. */
export function fitCloseReason(reason: string): string {
  const bytes = new Uint8Array(maxReasonBytes);
  const { read } = new TextEncoder().encodeInto(reason, bytes);
  return reason.slice(0, read);
}
