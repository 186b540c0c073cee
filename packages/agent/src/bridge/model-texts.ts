import type { LiveConnection } from '../live-model.ts';

interface Text {
  readonly text: string;
  readonly answer: boolean;
}

/** Texts that may not be sent now; more than this and the oldest are dropped. */
const mostWaiting = 256;

/** Texts on their way to a model, and what it has to know of earlier interruptions, which goes before the next of them. */
export class ModelTexts {
  #texts: Text[] = [];
  #notes: string[] = [];

  add(text: Text): void {
    this.#texts.push(text);
    if (this.#texts.length > mostWaiting) this.#texts.shift();
  }

  note(note: string): void {
    this.#notes.push(note);
    if (this.#notes.length > mostWaiting) this.#notes.shift();
  }

  /** The notes that wait, from then on the caller's to deliver. */
  takeNotes(): string | undefined {
    const notes = this.#notes.splice(0);
    return notes.length === 0 ? undefined : notes.join('\n');
  }

  /** Sends everything. */
  send(connection: LiveConnection): void {
    for (const { text, answer } of this.#texts.splice(0)) {
      const notes = this.takeNotes();
      connection.sendText(notes === undefined ? text : `${notes}\n${text}`, { answer });
    }
  }
}
