/** The text of the message that is being told. */

import { texts } from './batch.js';

/** Found in its batch only when somebody asks: nearly nobody does. */
class ToldText {
  #text: string | undefined = '';
  #batch = '';
  #place = 0;
  /** Of the batch, once one of them was asked for. */
  #texts: string[] | undefined;

  get text(): string {
    return (this.#text ??= (this.#texts ??= texts(this.#batch))[this.#place] ?? '');
  }

  /** Sets it; nothing else is held. */
  is(text: string): void {
    this.#text = text;
    this.#batch = '';
    this.#texts = undefined;
  }

  /** Says where it is. */
  isAt(batch: string, place: number): void {
    if (batch !== this.#batch) this.#texts = undefined;
    this.#text = undefined;
    this.#batch = batch;
    this.#place = place;
  }
}

/** One message at a time is told. */
export const toldText = new ToldText();
