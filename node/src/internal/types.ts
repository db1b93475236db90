/** Types that several modules of the official package name. */

export type { HTTPMethod } from './request-options.js';

/** A value, or a promise of it. */
export type PromiseOrValue<T> = T | Promise<T>;

/** Options of `fetch` that do not name the request itself. */
export type MergedRequestInit = RequestInit &
  Partial<Record<'dispatcher' | 'agent' | 'client' | 'proxy', unknown>> &
  Partial<Record<'body' | 'headers' | 'method' | 'signal', never>>;

/** The `fetch` of the platform, or one that replaces it. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
