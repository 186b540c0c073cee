/** In JSON one of them takes at most this: `\u0000`. */
const mostBytesOfUnit = 6;
const mostNameBytes = 256;

/** The beginning of a text that takes at most so many bytes as JSON in UTF-8, with ` ...` where something is missing. No character is cut in two. */
export function cutText(text: string, mostBytes: number): string {
  if (text.length * mostBytesOfUnit <= mostBytes) return text;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(JSON.stringify(character)) - 2;
    if (bytes > mostBytes) return `${text.slice(0, end)} ...`;
    end += character.length;
  }
  return text;
}

/** What a model makes up as the id or name of a tool may be of any length. */
export function cutName(name: string): string {
  return cutText(name, mostNameBytes);
}
