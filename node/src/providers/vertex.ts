/** Google Vertex: `new OpenAI({ provider: vertex({ project: 'p', location: 'global' }) })`. */

import { APIConnectionTimeoutError, OpenAIError } from '../core/error.js';
import { readEnv } from '../internal/env.js';
import { createProvider, isSameOrigin, type Proof, type Provider } from '../internal/provider.js';
import type { ProviderRequest, ProviderRuntime } from '../internal/provider.js';

/** Where the service is, and who asks. */
export interface VertexOptions {
  /** Default `GOOGLE_CLOUD_PROJECT`. */
  project?: string | undefined;
  /** Such as `global` or `us-east5`; default `GOOGLE_CLOUD_LOCATION`. */
  location?: string | undefined;
  /** What stands before `/responses`, in place of project and location. */
  baseURL?: string | undefined;
  /** Gives an access token before every attempt. */
  tokenProvider?: (() => string | Promise<string>) | undefined;
  /** A client of google-auth-library, in place of the credentials that one finds itself. */
  credentials?: GoogleClient | undefined;
}

/** What is used of a client of google-auth-library. */
export interface GoogleClient {
  getRequestHeaders: (url?: string) => Promise<Headers | Record<string, string>>;
}

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const PROJECT = /^(?:[a-z0-9.-]+:)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const LOCATION = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
/** Fields that say who asks, or whom OpenAI bills for it. */
const OWNED = ['authorization', 'api-key', 'openai-organization', 'openai-project'];

/**
 * What sends the requests of a client to Google Vertex, which has the Responses API. Without `tokenProvider` and
 * `credentials` it is google-auth-library that finds credentials; install it for that.
 *
 * @throws {OpenAIError} Project or location is missing or invalid, the URL is none of HTTP, or both credentials were given.
 * @throws {TypeError} The URL is none.
 */
export function vertex(options: VertexOptions = {}): Provider {
  const { tokenProvider, credentials, baseURL } = options;
  if (tokenProvider !== undefined && credentials !== undefined) {
    throw new OpenAIError('Set only one of credentials and tokenProvider.');
  }
  const url = baseURL === undefined ? rootURL(options) : checkedURL(baseURL);
  return createProvider(() => new VertexRuntime(url, tokenProvider, credentials));
}

class VertexRuntime implements ProviderRuntime {
  readonly baseURL: string;
  readonly #token: (() => unknown) | undefined;
  #google: GoogleClient | Promise<GoogleClient> | undefined;

  constructor(baseURL: string, token: (() => unknown) | undefined, google: GoogleClient | undefined) {
    this.baseURL = baseURL;
    this.#token = token;
    this.#google = google;
  }

  check(request: ProviderRequest): void {
    if (!isSameOrigin(this.baseURL, request.url)) {
      throw new OpenAIError('Refusing to send Vertex credentials outside the configured origin.');
    }
    if (OWNED.some((name) => request.fields.get(name) != null)) {
      throw new OpenAIError(
        'Vertex owns authentication; remove OpenAI project/organization and custom Authorization or api-key headers.',
      );
    }
  }

  async prove(request: ProviderRequest): Promise<Proof> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      if (request.timeout === Infinity) return;
      timer = setTimeout(() => reject(new APIConnectionTimeoutError()), request.timeout);
    });
    try {
      return { headers: await Promise.race([this.#headers(request.url), late]) };
    } catch (error) {
      if (error instanceof APIConnectionTimeoutError) throw error;
      // What was thrown may have a token in it.
      throw new OpenAIError(
        'Vertex authentication failed. Check ADC and google-auth-library, or supply tokenProvider.',
      );
    } finally {
      clearTimeout(timer);
    }
  }

  async #headers(url: string): Promise<Record<string, string>> {
    if (this.#token !== undefined) {
      const token = await this.#token();
      if (typeof token !== 'string' || !/^[!-~]+$/.test(token)) throw new TypeError('no token');
      return { authorization: `Bearer ${token}` };
    }
    this.#google ??= foundClient();
    try {
      const google = await this.#google;
      return Object.fromEntries(new Headers(await google.getRequestHeaders(url)));
    } catch (error) {
      // What was not found now may be there for the next attempt.
      if (this.#google instanceof Promise) this.#google = undefined;
      throw error;
    }
  }
}

async function foundClient(): Promise<GoogleClient> {
  // Its name is no literal, so that nobody has to install it who does not need it.
  const name = 'google-auth-library';
  const { GoogleAuth } = (await import(name)) as {
    GoogleAuth: new (options: { scopes: string }) => { getClient(): Promise<GoogleClient> };
  };
  return await new GoogleAuth({ scopes: SCOPE }).getClient();
}

function rootURL(options: VertexOptions): string {
  const project = options.project ?? readEnv('GOOGLE_CLOUD_PROJECT');
  if (!project || !PROJECT.test(project)) {
    throw new OpenAIError('Vertex requires a project ID (project or GOOGLE_CLOUD_PROJECT).');
  }
  const location = options.location ?? readEnv('GOOGLE_CLOUD_LOCATION');
  if (!location || !LOCATION.test(location)) {
    throw new OpenAIError('Vertex requires a location (location or GOOGLE_CLOUD_LOCATION).');
  }
  const host = location === 'global' ? 'aiplatform.googleapis.com' : `${location}-aiplatform.googleapis.com`;
  return `https://${host}/v1/projects/${project}/locations/${location}/publishers/openai/v1`;
}

function checkedURL(baseURL: string): string {
  const { protocol, hostname, username, password } = new URL(baseURL);
  if (!/^https?:$/.test(protocol) || username !== '' || password !== '' || /[?#]/.test(baseURL)) {
    throw new OpenAIError('Vertex baseURL must be an HTTP(S) API root without credentials, query or fragment.');
  }
  if (protocol === 'http:' && /(^|\.)googleapis\.com\.?$/.test(hostname)) {
    throw new OpenAIError('Google Vertex endpoints require HTTPS.');
  }
  return baseURL;
}
