/** `provider`: another place that runs the models, which owns where requests go and what authenticates them. */

import { OpenAIError } from '../core/error.js';
import type { Encoded } from './body.js';
import type { Renewal } from './call.js';
import type { Fields } from './headers.js';
import type { Signer } from './native.cjs';
import type { FinalRequestOptions } from './request-options.js';
import { longest, type Timeout } from './timeout.js';

declare const providerBrand: unique symbol;

/** What `bedrock()` and `vertex()` return, for `new OpenAI({ provider })`. */
export interface Provider {
  readonly [providerBrand]: true;
}

/** A request that is about to be authenticated. */
export interface ProviderRequest {
  url: string;
  /** Those of the caller and of the client, in lower case. */
  fields: Fields;
  /** Whether the body can be read again, as a signature needs it. */
  isReplayable: boolean;
  /** In milliseconds; `Infinity` for none. */
  timeout: number;
}

/** What authenticates one attempt. */
export interface Proof {
  headers: Record<string, string>;
  signer?: Signer;
}

/**
 * A provider as one client has it.
 *
 * Its credentials go nowhere else: a request for another origin is refused, and no redirect is followed.
 */
export interface ProviderRuntime {
  readonly baseURL: string;
  /** @throws {OpenAIError} The request must not have the credentials. */
  check(request: ProviderRequest): void;
  /** @throws {OpenAIError} There are none. */
  prove(request: ProviderRequest): Promise<Proof>;
}

/**
 * Apart from the objects themselves, so that nothing of them can be read; shared by all copies of this module, because
 * one program may load it both as CommonJS and as ESM.
 */
const factories = ((globalThis as Record<symbol, unknown>)[Symbol.for('tailrace.providers')] ??=
  new WeakMap()) as WeakMap<object, () => ProviderRuntime>;

/** A provider whose clients have what `configure` returns. */
export function createProvider(configure: () => ProviderRuntime): Provider {
  const provider = Object.freeze({});
  factories.set(provider, configure);
  return provider as unknown as Provider;
}

/**
 * What a client has of a provider.
 *
 * @throws {Error} It is none.
 */
export function configureProvider(provider: Provider): ProviderRuntime {
  const configure = typeof provider === 'object' && provider !== null ? factories.get(provider) : undefined;
  if (configure === undefined) throw new Error('Invalid provider. Providers must be created with createProvider().');
  return configure();
}

/** What a client says of a request that its provider authenticates. */
interface Asking {
  buildURL(path: string, query: Record<string, unknown> | null | undefined, defaultBaseURL?: string): string;
}

/**
 * Has a provider authenticate a request: puts its headers among those of the request, and gives what signs it and what
 * authenticates a later attempt.
 *
 * @throws {OpenAIError} The request must not have the credentials, or there are none.
 */
export async function proved(
  runtime: ProviderRuntime,
  client: Asking,
  { path, fields, encoded, timeout }: { path: string; fields: Fields; encoded: Encoded; timeout: number | Timeout },
  options: FinalRequestOptions,
): Promise<{ signer: Signer | undefined; renew: () => Promise<Renewal> }> {
  const { content } = encoded;
  const request = {
    url: client.buildURL(path, options.query as Record<string, unknown>, options.defaultBaseURL),
    fields,
    isReplayable: content === null || typeof content === 'string' || content instanceof Uint8Array,
    timeout: longest(timeout),
  };
  runtime.check(request);
  const { headers, signer } = await runtime.prove(request);
  for (const [name, value] of Object.entries(headers)) fields.set(name, value);
  const renew = async () => {
    const fresh = await runtime.prove(request);
    return { headers: Object.entries(fresh.headers).flat(), signer: fresh.signer };
  };
  return { signer, renew };
}

/** Whether both URLs have the same scheme, host and port. */
export function isSameOrigin(one: string, other: string): boolean {
  return new URL(one).origin === new URL(other).origin;
}

/** An error whose cause is what a function of the caller's threw; an error of this package as it is. */
export function failedWith(message: string, cause: unknown): OpenAIError {
  return cause instanceof OpenAIError ? cause : Object.assign(new OpenAIError(message), { cause });
}
