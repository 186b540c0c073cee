/** Hands texts on up to `maxCharacters` in all, says once where it stops, and takes the rest without keeping it. */
export function createBoundedRelay(show: (text: string) => void, maxCharacters: number): (text: string) => void {
  let left = maxCharacters;
  return (text) => {
    if (left <= 0) return;
    const shown = text.slice(0, left).trimEnd();
    left -= text.length;
    if (shown !== '') show(shown);
    if (left <= 0) show(`(That is ${maxCharacters} characters; the rest is left out.)`);
  };
}
