/** Text of a peer as one line without control characters (C0, DEL, C1), which could steer a terminal: `\n` is shown as `\x0a`. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
