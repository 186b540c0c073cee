/** Text of a peer as one line without characters that could steer a terminal or are not seen (controls, formats such as bidirectional marks, line separators): `\n` is shown as `\x0a`. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => {
    const hex = (c.codePointAt(0) ?? 0).toString(16);
    return hex.length > 2 ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`;
  });
}
