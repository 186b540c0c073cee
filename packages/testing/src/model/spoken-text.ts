/** What was said as rules see it: lower case, single spaces, no punctuation around words. What is inside a word, as in `10:30`, stays. */
export function spokenText(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('’', "'")
    .split(/\s+/u)
    .map((word) => word.replace(/^(?!\+\d)[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter((word) => word !== '')
    .join(' ');
}
