/** Text that grows piece by piece, with single spaces and none at its ends. Adding a piece costs as much as the piece is long. */
export class TidyText {
  #text = '';
  /** White space has come since the last word: a single space, if there is another word. */
  #gap = false;

  get text(): string {
    return this.#text;
  }

  add(piece: string): void {
    if (piece === '') return;
    const words = tidied(piece);
    const isFirst = this.#text === '';
    if (words !== '') {
      this.#text += (this.#gap || /^\s/.test(piece)) && !isFirst ? ` ${words}` : words;
      this.#gap = false;
    }
    if (/\s$/.test(piece)) this.#gap = true;
  }
}

/** The text with single spaces and none at its ends. */
export function tidied(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
