/** Pages of items of agents. */

import { OpenAIError } from '../../../core/error.js';
import { type CursorPage } from '../../../core/pagination.js';

/**
 * The items of all pages.
 *
 * @param load - Asks for the page behind the item with this id; `undefined` for the first one.
 * @throws {OpenAIError} There is a further page, and the last item does not lead on.
 */
export async function* agentItems<
  T extends {
    id?: string | null;
  },
>(load: (after: string | undefined) => PromiseLike<CursorPage<T>>): AsyncGenerator<T, void, undefined> {
  let after: string | undefined;
  for (;;) {
    const { data, has_more } = await load(after);
    yield* data;
    if (!has_more) return;
    const last = data.at(-1)?.id;
    if (!last || last === after) throw new OpenAIError('Agent pagination cannot advance to the next page');
    after = last;
  }
}
