/**
 * Responses that outlive their socket: what is missing of one after a break is fetched, once.
 *
 * The `resume` option of `ResponsesWS` asks for it; then a connection is made again without the `reconnect` option, too, and
 * also after a close in order in the middle of a response. These are the rules, the same in both languages:
 *
 * 1. What the lost socket had accepted and never sent goes first over the new one.
 * 2. Of each `stream_id` is known which request is under way, and of its response the `id`, the highest `sequence_number`
 *    and the items that were told. An end of the response, or an `error`, settles it.
 * 3. A response with an `id` whose request does not say `store: false` is read on by `GET /responses/{id}` with `stream=true`
 *    and `starting_after`; no event is told twice. Where the API keeps no events of it (it does for responses in the
 *    background), the response is asked for until it has ended: each item that was not told comes as one
 *    `response.output_item.done`, and then the event that ends it. Deltas of such items are lost, items are not.
 * 4. A request of whose response nothing came may have been received. It is sent again where nothing can be double: it says
 *    `store: false` and names no `conversation`.
 * 5. What is neither is handed back: once all else was told, an `error` is told whose `cause` is a {@link ResponseLostError}.
 *    The new connection is open.
 *
 * Events of the new socket wait until what is missing was told.
 */

import { OpenAIError } from '../core/error.js';
import { sleep } from './sleep.js';
import type { UnsentMessage } from './ws.js';

/** The `resume` option of the connections of Responses. */
export interface ResumeOption {
  /**
   * After a break fetches what is missing of the responses that were under way, so that no item of theirs is lost and none is told
   * twice; the connection is made again then, also without `reconnect`. What cannot be fetched is told as an `error` whose
   * `cause.unsent` has the requests. Sound that is fetched is base64 text, also with `audio`. Default false.
   */
  resume?: boolean | undefined;
}

/** Requests whose responses broke off, and the rest of which cannot be fetched. */
export class ResponseLostError extends OpenAIError {
  /** The requests, as the close of a connection hands back what was not sent. */
  readonly unsent: UnsentMessage<any>[];

  constructor(unsent: UnsentMessage<any>[], cause: unknown) {
    super(`${LOST} \`unsent\`.`);
    this.unsent = unsent;
    this.cause = cause;
  }

  /** What the error says that has this one as its cause. */
  get told(): string {
    return `${LOST} \`cause.unsent\`.`;
  }
}

/** What is looked at in an event. */
interface Told {
  type?: unknown;
  stream_id?: unknown;
  sequence_number?: unknown;
  output_index?: unknown;
  response?: { id?: unknown } | null;
}
interface Whole {
  status: string;
  output?: unknown[] | null;
}
interface Request {
  store?: unknown;
  conversation?: unknown;
  stream_id?: unknown;
}

/** What of a resource of responses is used. */
export interface Responses {
  retrieve: (id: string, query: any, options: any) => PromiseLike<any>;
}

/** What a connection does while it resumes. */
export interface Resumed {
  /** Tells an event that did not come over the socket. */
  tell: (event: object) => void;
  send: (text: string) => void;
  /** Aborted when the connection is closed. */
  signal: AbortSignal;
}

const LOST =
  'The connection broke while a response was on its way, and what is missing of it cannot be fetched; its request is in';
/** Milliseconds between two questions whether a response has ended. */
const PAUSE = 1000;
const ENDS = new Set<unknown>(['response.completed', 'response.failed', 'response.incomplete']);
const RUNNING = new Set(['queued', 'in_progress']);
const ITEM = 'response.output_item.done';
const GONE = 404;

/** A request whose response has not ended. */
class UnderWay {
  readonly lane: unknown;
  readonly text: string | undefined;
  readonly isStored: boolean;
  responseID: string | undefined;
  sequence = -1;
  isSettled = false;
  readonly #isKept: boolean;
  readonly #items = new Set<unknown>();

  /** @param text - What was sent; nothing for a response that no request of ours began. */
  constructor(lane: unknown, request: Request, text: string | undefined) {
    this.lane = lane;
    this.text = text;
    this.isStored = request.store !== false;
    this.#isKept = this.isStored || Boolean(request.conversation);
  }

  /** Whether nothing doubles when it is sent again. */
  get isRepeatable(): boolean {
    return this.text !== undefined && !this.#isKept && this.responseID === undefined;
  }

  took(event: Told): void {
    const id = event.response?.id;
    if (typeof id === 'string') this.responseID = id;
    if (typeof event.sequence_number === 'number') this.sequence = Math.max(this.sequence, event.sequence_number);
    if (event.type === ITEM) this.#items.add(event.output_index);
    if (event.type === 'error' || ENDS.has(event.type)) this.isSettled = true;
  }

  isNew({ sequence_number: number }: Told): boolean {
    return typeof number !== 'number' || number > this.sequence;
  }

  /** The events that a response which has ended is missing. */
  restOf(response: Whole): Told[] {
    const items = [...(response.output ?? []).entries()].filter(([index]) => !this.#items.has(index));
    const end = `response.${response.status}`;
    const events: Told[] = items.map(([index, item]) => ({ type: ITEM, output_index: index, item }));
    events.push({ type: ENDS.has(end) ? end : 'response.incomplete', response: response as object });
    return events.map((event, place) => ({ ...event, sequence_number: this.sequence + 1 + place }));
  }
}

/** What a connection knows of the responses under way. */
export class Resumption {
  readonly #responses: () => Responses;
  readonly #underWay = new Map<unknown, UnderWay>();
  #lost: UnderWay[] = [];

  constructor(responses: () => Responses) {
    this.#responses = responses;
  }

  /** Whether something is under way. */
  get isNeeded(): boolean {
    return this.#underWay.size > 0;
  }

  /** Whether something of what was under way when the last socket broke is still to be told or handed back. */
  get hasLost(): boolean {
    return this.#lost.length > 0;
  }

  /** Takes note of a message that is sent. */
  sent(text: unknown): void {
    if (typeof text !== 'string') return;
    let request: (Request & Told) | null;
    try {
      request = JSON.parse(text) as (Request & Told) | null;
    } catch {
      return;
    }
    if (request?.type !== 'response.create') return;
    const lane = request.stream_id ?? undefined;
    this.#underWay.set(lane, new UnderWay(lane, request, text));
  }

  /** Takes note of an event of the socket, before it is told. */
  came(event: Told): void {
    const lane = event.stream_id ?? undefined;
    const known = this.#underWay.get(lane);
    if (event.type === 'response.created' && (known === undefined || known.responseID !== undefined)) {
      // A response that no request of ours began, such as one that steering led to.
      this.#underWay.set(lane, new UnderWay(lane, {}, undefined));
    }
    const underWay = this.#underWay.get(lane);
    if (underWay !== undefined) this.#took(underWay, event);
  }

  /** Takes note that the socket is gone; `unsent` goes over the next one by itself. */
  broke(unsent: readonly unknown[]): void {
    for (const way of this.#underWay.values()) {
      const isWaiting = way.responseID === undefined && unsent.includes(way.text);
      if (!isWaiting && !this.#lost.includes(way)) this.#lost.push(way);
    }
  }

  /** Tells what is missing. @returns What cannot be told. */
  async run(resumed: Resumed): Promise<ResponseLostError | undefined> {
    const unsent: UnsentMessage<any>[] = [];
    let cause: unknown;
    for (let way = this.#lost[0]; way !== undefined && !resumed.signal.aborted; way = this.#lost[0]) {
      if (way.isSettled) {
        // The end had come before the break was noticed.
      } else if (way.responseID !== undefined && way.isStored) {
        try {
          await this.#fetch(way, way.responseID, resumed);
        } catch (error) {
          if (resumed.signal.aborted) return undefined;
          cause ??= error;
          this.#giveBack(way, unsent);
        }
      } else if (way.isRepeatable) {
        resumed.send(way.text as string);
      } else {
        this.#giveBack(way, unsent);
      }
      this.#lost.shift();
    }
    return unsent.length > 0 || cause !== undefined ? new ResponseLostError(unsent, cause) : undefined;
  }

  /** @throws {APIError} The response, or what is missing of it, is not there. */
  async #fetch(way: UnderWay, id: string, resumed: Resumed): Promise<void> {
    const { signal } = resumed;
    const after = way.sequence < 0 ? {} : { starting_after: way.sequence };
    try {
      const stream = (await this.#responses().retrieve(id, { stream: true, ...after }, { resume: true, signal })) as AsyncIterable<Told>;
      for await (const event of stream) {
        if (signal.aborted) return;
        if (way.isNew(event)) this.#tell(way, event, resumed);
      }
    } catch (error) {
      if (signal.aborted || (error as { status?: unknown }).status === GONE) throw error;
    }
    while (!way.isSettled && !signal.aborted) {
      const { output_text: _added, ...response } = (await this.#responses().retrieve(id, {}, { signal })) as Whole & { output_text?: string };
      if (RUNNING.has(response.status)) await sleep(PAUSE, signal);
      else for (const event of way.restOf(response)) this.#tell(way, event, resumed);
    }
  }

  #tell(way: UnderWay, event: Told, { tell }: Resumed): void {
    this.#took(way, event);
    tell(way.lane === undefined ? event : { ...event, stream_id: way.lane });
  }

  #took(way: UnderWay, event: Told): void {
    way.took(event);
    if (way.isSettled) this.#forget(way);
  }

  #giveBack(way: UnderWay, unsent: UnsentMessage<any>[]): void {
    if (way.text !== undefined) unsent.push({ type: 'message', message: JSON.parse(way.text) });
    this.#forget(way);
  }

  #forget(way: UnderWay): void {
    if (this.#underWay.get(way.lane) === way) this.#underWay.delete(way.lane);
  }
}
