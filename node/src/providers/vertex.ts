/** Part of other providers: by name and type only. */

import { type Provider } from '../internal/provider.js';
import { later } from '../internal/later.js';

export interface VertexOptions {
  project?: string | undefined;
  location?: string | undefined;
  baseURL?: string | undefined;
  tokenProvider?: (() => string | Promise<string>) | undefined;
  credentials?: GoogleClient | undefined;
}

export interface GoogleClient {
  getRequestHeaders: (url?: string) => Promise<Headers | Record<string, string>>;
}

export function vertex(options?: VertexOptions): Provider;
export function vertex(): never {
  throw later('vertex', 'other providers');
}
