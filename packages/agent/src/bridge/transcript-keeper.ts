import type { TranscriptUpdate, Utterance } from '../conversation.ts';
import { TidyText } from './tidy-text.ts';

type Speaker = Utterance['speaker'];

/** An utterance that goes on. */
interface Open {
  readonly said: TidyText;
  readonly atMs: number;
}

/** Merges pieces of text to utterances: one for each speaker is open at a time. */
export class TranscriptKeeper {
  readonly #onUpdate: (update: TranscriptUpdate) => void;
  readonly #open = new Map<Speaker, Open>();
  readonly #kept: Utterance[] = [];

  constructor(onUpdate: (update: TranscriptUpdate) => void) {
    this.#onUpdate = onUpdate;
  }

  /** Whole utterances, in order of their beginning. */
  get utterances(): readonly Utterance[] {
    return this.#kept;
  }

  add(speaker: Speaker, text: string, atMs: number): void {
    if (text === '') return;
    const open = this.#open.get(speaker) ?? { said: new TidyText(), atMs };
    open.said.add(text);
    this.#open.set(speaker, open);
    const shown = open.said.text;
    if (shown !== '') this.#onUpdate({ speaker, text: shown, atMs: open.atMs, final: false });
  }

  /** Whether the speaker has said something that is not whole. */
  isOpen(speaker: Speaker): boolean {
    return this.#open.has(speaker);
  }

  /** What the speaker said is whole. */
  close(speaker: Speaker, cutOff?: Utterance['cutOff']): void {
    const open = this.#open.get(speaker);
    this.#open.delete(speaker);
    const text = open?.said.text ?? '';
    if (open === undefined || text === '') return;
    const utterance: Utterance = { speaker, text, atMs: open.atMs, ...(cutOff === undefined ? {} : { cutOff }) };
    const after = this.#kept.findLastIndex(({ atMs }) => atMs <= utterance.atMs);
    this.#kept.splice(after + 1, 0, utterance);
    this.#onUpdate({ ...utterance, final: true });
  }
}
