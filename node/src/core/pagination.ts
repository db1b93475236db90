/** Lists that come page by page. */

import type { OpenAI } from '../client.js';
import { buildHeaders } from '../internal/headers.js';
import type { APIResponseProps, WithRequestID } from '../internal/parse.js';
import type { FinalRequestOptions } from '../internal/request-options.js';
import { APIPromise } from './api-promise.js';
import { OpenAIError } from './error.js';

/** What the request of another page says. */
export type PageRequestOptions = Pick<FinalRequestOptions, 'query' | 'headers' | 'body' | 'path' | 'method'>;

/** One page of a list; `for await` goes over the items of this page and of all that follow. */
export abstract class AbstractPage<Item> implements AsyncIterable<Item> {
  readonly #client: OpenAI;
  /** Of the request that gave this page. */
  protected options: FinalRequestOptions;
  protected response: Response;
  /** The page as the server sent it. */
  protected body: unknown;

  constructor(client: OpenAI, response: Response, body: unknown, options: FinalRequestOptions) {
    this.#client = client;
    // Merged headers show nobody what they hold.
    this.options = options.headers ? { ...options, headers: buildHeaders([options.headers]) } : options;
    this.response = response;
    this.body = body;
  }

  /** The options of the request for the next page; `null` when nothing says where it begins. */
  abstract nextPageRequestOptions(): PageRequestOptions | null;

  /** The items of this page. */
  abstract getPaginatedItems(): Item[];

  /** Whether {@link AbstractPage.getNextPage} can be called. */
  hasNextPage(): boolean {
    return this.getPaginatedItems().length > 0 && this.nextPageRequestOptions() !== null;
  }

  /**
   * Asks for the next page.
   *
   * @throws {OpenAIError} There is none; ask {@link AbstractPage.hasNextPage} first.
   * @throws {APIError} The call failed.
   */
  async getNextPage(): Promise<this> {
    const options = this.nextPageRequestOptions();
    if (options === null) {
      throw new OpenAIError('No next page expected; please check `.hasNextPage()` before calling `.getNextPage()`.');
    }
    const page = this.constructor as new (...given: ConstructorParameters<typeof AbstractPage>) => AbstractPage<Item>;
    return (await this.#client.requestAPIList<Item>(page, options as FinalRequestOptions)) as this;
  }

  /** This page and all that follow; each is asked for when it is reached. */
  async *iterPages(): AsyncGenerator<this> {
    let page = this;
    yield page;
    while (page.hasNextPage()) {
      page = await page.getNextPage();
      yield page;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    for await (const page of this.iterPages()) yield* page.getPaginatedItems();
  }
}

/** The promise of the first page; `for await` goes over the items of all pages. */
export class PagePromise<
  PageClass extends AbstractPage<Item>,
  Item = ReturnType<PageClass['getPaginatedItems']>[number],
>
  extends APIPromise<PageClass>
  implements AsyncIterable<Item>
{
  /** @param Page - Makes the page out of its body. */
  constructor(
    client: OpenAI,
    request: Promise<APIResponseProps>,
    Page: new (...given: ConstructorParameters<typeof AbstractPage>) => PageClass,
  ) {
    super(
      client,
      request,
      async (owner, props) =>
        new Page(owner, props.response, await props.parse(owner), props.options) as WithRequestID<PageClass>,
    );
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    const page = (await this) as PageClass;
    yield* page;
  }
}

/** What a {@link Page} is made of. */
export interface PageResponse<Item> {
  data: Array<Item>;
  object: string;
}

/** A list that is always whole. */
export class Page<Item> extends AbstractPage<Item> implements PageResponse<Item> {
  data: Array<Item>;
  object: string;

  constructor(client: OpenAI, response: Response, body: PageResponse<Item>, options: FinalRequestOptions) {
    super(client, response, body, options);
    this.data = body.data || [];
    this.object = body.object;
  }

  getPaginatedItems(): Item[] {
    return this.data;
  }

  nextPageRequestOptions(): PageRequestOptions | null {
    return null;
  }
}

/** What a {@link CursorPage} is made of. */
export interface CursorPageResponse<Item> {
  data: Array<Item>;
  has_more: boolean;
}

/** Where a list begins, and how long its pages are. */
export interface CursorPageParams {
  /** The id of the item before the first. */
  after?: string;
  /** The largest number of items. */
  limit?: number;
}

/** A page after which the id of its last item leads on. */
export class CursorPage<Item extends { id?: string | null }>
  extends AbstractPage<Item>
  implements CursorPageResponse<Item>
{
  data: Array<Item>;
  has_more: boolean;

  constructor(client: OpenAI, response: Response, body: CursorPageResponse<Item>, options: FinalRequestOptions) {
    super(client, response, body, options);
    this.data = body.data || [];
    this.has_more = body.has_more || false;
  }

  getPaginatedItems(): Item[] {
    return this.data;
  }

  override hasNextPage(): boolean {
    return this.has_more && super.hasNextPage();
  }

  nextPageRequestOptions(): PageRequestOptions | null {
    const id = this.data.at(-1)?.id;
    return id ? withQuery(this.options, { after: id }) : null;
  }
}

/** What a {@link ConversationCursorPage} is made of. */
export interface ConversationCursorPageResponse<Item> {
  data: Array<Item>;
  has_more: boolean;
  last_id: string;
}

/** Where a list begins, and how long its pages are. */
export interface ConversationCursorPageParams {
  /** The id of the item before the first. */
  after?: string;
  /** The largest number of items. */
  limit?: number;
}

/** A page that names the id of its last item. */
export class ConversationCursorPage<Item> extends AbstractPage<Item> implements ConversationCursorPageResponse<Item> {
  data: Array<Item>;
  has_more: boolean;
  last_id: string;

  constructor(
    client: OpenAI,
    response: Response,
    body: ConversationCursorPageResponse<Item>,
    options: FinalRequestOptions,
  ) {
    super(client, response, body, options);
    this.data = body.data || [];
    this.has_more = body.has_more || false;
    this.last_id = body.last_id || '';
  }

  getPaginatedItems(): Item[] {
    return this.data;
  }

  override hasNextPage(): boolean {
    return this.has_more && super.hasNextPage();
  }

  nextPageRequestOptions(): PageRequestOptions | null {
    return this.last_id ? withQuery(this.options, { after: this.last_id }) : null;
  }
}

/** What a {@link NextCursorPage} is made of. */
export interface NextCursorPageResponse<Item> {
  data: Array<Item>;
  has_more: boolean;
  next: string | null;
}

/** Where a list begins, and how long its pages are. */
export interface NextCursorPageParams {
  /** The id of the item before the first. */
  after?: string;
  /** The largest number of items. */
  limit?: number;
}

/** A page that says where the next one begins, by an id. */
export class NextCursorPage<Item> extends AbstractPage<Item> implements NextCursorPageResponse<Item> {
  data: Array<Item>;
  has_more: boolean;
  next: string | null;

  constructor(client: OpenAI, response: Response, body: NextCursorPageResponse<Item>, options: FinalRequestOptions) {
    super(client, response, body, options);
    this.data = body.data || [];
    this.has_more = body.has_more || false;
    this.next = body.next ?? null;
  }

  getPaginatedItems(): Item[] {
    return this.data;
  }

  /** An empty page may be followed by one that is not. */
  override hasNextPage(): boolean {
    return this.has_more && this.nextPageRequestOptions() !== null;
  }

  nextPageRequestOptions(): PageRequestOptions | null {
    return this.next ? withQuery(this.options, { after: this.next }) : null;
  }
}

/** What a {@link TokenPage} is made of. */
export interface TokenPageResponse<Item> {
  data: Array<Item>;
  has_more: boolean;
  next: string | null;
}

/** Where a list begins, and how long its pages are. */
export interface TokenPageParams {
  /** What the page before gave as `next`. */
  page?: string;
  /** The largest number of items. */
  limit?: number;
}

/** A page that says where the next one begins, by a token. */
export class TokenPage<Item> extends AbstractPage<Item> implements TokenPageResponse<Item> {
  data: Array<Item>;
  has_more: boolean;
  next: string | null;

  constructor(client: OpenAI, response: Response, body: TokenPageResponse<Item>, options: FinalRequestOptions) {
    super(client, response, body, options);
    this.data = body.data || [];
    this.has_more = body.has_more || false;
    this.next = body.next ?? null;
  }

  getPaginatedItems(): Item[] {
    return this.data;
  }

  /** An empty page may be followed by one that is not. */
  override hasNextPage(): boolean {
    return this.has_more && this.nextPageRequestOptions() !== null;
  }

  nextPageRequestOptions(): PageRequestOptions | null {
    return this.next ? withQuery(this.options, { page: this.next }) : null;
  }
}

/** The options of a page's request with more in its query. */
function withQuery(options: FinalRequestOptions, query: Record<string, unknown>): PageRequestOptions {
  return { ...options, query: { ...options.query, ...query } };
}
