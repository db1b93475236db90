/** Where subject tokens come from: a file of Kubernetes, the metadata services of Azure and of Google Cloud. */

import { readFile as readFileOfNode } from 'node:fs/promises';

import { asError, SubjectTokenProviderError } from '../core/error.js';
import { type Fetch } from '../internal/types.js';
import { type SubjectTokenProvider } from './types.js';

type ReadFile = (path: string) => Promise<string>;

/** The addresses that the clouds document; they are the same on every machine. */
const AZURE_URL = 'http://169.254.169.254/metadata/identity/oauth2/token';
const GCP_URL = 'http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/identity';

/** In milliseconds. */
const DEFAULT_TIMEOUT = 10_000;

/**
 * The service account of a Kubernetes pod, whose token is in a file. It is read at each exchange, because the cluster
 * replaces it.
 *
 * @throws {SubjectTokenProviderError} From `getToken`: the file cannot be read, or is empty.
 */
export function k8sServiceAccountTokenProvider(
  tokenPath: string = '/var/run/secrets/kubernetes.io/serviceaccount/token',
  config?: {
    /** Default: that of Node. */
    readFile?: ReadFile;
  },
): SubjectTokenProvider {
  const read = config?.readFile ?? ((path) => readFileOfNode(path, 'utf8'));
  const getToken = async () => {
    let text: string;
    try {
      text = await read(tokenPath);
    } catch (error) {
      const cause = asError(error);
      const message = `Failed to read Kubernetes service account token from ${tokenPath}: ${cause.message}`;
      throw new SubjectTokenProviderError(message, 'kubernetes', cause);
    }
    const token = text.trim();
    if (token === '') throw new SubjectTokenProviderError(`The token file at ${tokenPath} is empty.`, 'kubernetes');
    return token;
  };
  return { tokenType: 'jwt', getToken };
}

/**
 * A managed identity of Azure, whose token the metadata service of the machine gives.
 *
 * @param resource - What the token is for.
 * @throws {SubjectTokenProviderError} From `getToken`: the service did not give one.
 */
export function azureManagedIdentityTokenProvider(
  resource: string = 'https://management.azure.com/',
  config?: {
    /** Which identity, where the machine has several. */
    objectId?: string;
    /** The same by its client. */
    clientId?: string;
    /** The same by its resource. */
    msiResId?: string;
    /** Of the metadata service; default `2018-02-01`. */
    apiVersion?: string;
    /** In milliseconds; default 10,000. */
    timeout?: number;
    /** Default: that of Node. */
    fetch?: Fetch;
  },
): SubjectTokenProvider {
  const url = new URL(AZURE_URL);
  url.searchParams.set('api-version', config?.apiVersion ?? '2018-02-01');
  url.searchParams.set('resource', resource);
  if (config?.objectId) url.searchParams.set('object_id', config.objectId);
  if (config?.clientId) url.searchParams.set('client_id', config.clientId);
  if (config?.msiResId) url.searchParams.set('msi_res_id', config.msiResId);
  const getToken = async () => {
    let answer: Answer;
    let body: { access_token?: unknown } | null = null;
    try {
      answer = await asked(url, { Metadata: 'true' }, config);
      if (answer.ok) body = parsed(answer.text);
    } catch (error) {
      throw new SubjectTokenProviderError('failed to fetch token from IMDS', 'azure-imds', asError(error));
    }
    if (!answer.ok) {
      throw new SubjectTokenProviderError(`Failed to fetch token from Azure IMDS: status ${answer.status}`, 'azure-imds');
    }
    const token = body?.access_token;
    if (typeof token !== 'string' || token === '') {
      throw new SubjectTokenProviderError("IMDS response missing 'access_token' field", 'azure-imds');
    }
    return token;
  };
  return { tokenType: 'jwt', getToken };
}

/**
 * The service account of a machine of Google Cloud, whose token its metadata server gives.
 *
 * @param audience - Whom the token is for.
 * @throws {SubjectTokenProviderError} From `getToken`: the server did not give one.
 */
export function gcpIDTokenProvider(
  audience: string = 'https://api.openai.com/v1',
  config?: {
    /** In milliseconds; default 10,000. */
    timeout?: number;
    /** Default: that of Node. */
    fetch?: Fetch;
  },
): SubjectTokenProvider {
  const url = new URL(GCP_URL);
  url.searchParams.set('audience', audience);
  const getToken = async () => {
    try {
      const answer = await asked(url, { 'Metadata-Flavor': 'Google' }, config);
      if (!answer.ok) throw new Error(`GCP Metadata Server returned ${answer.status}`);
      const token = answer.text.trim();
      if (token === '') throw new Error('GCP metadata server returned an empty token');
      return token;
    } catch (error) {
      const cause = asError(error);
      const message = `Failed to fetch token from GCP Metadata Server: ${cause.message}`;
      throw new SubjectTokenProviderError(message, 'gcp-metadata', cause);
    }
  };
  return { tokenType: 'id', getToken };
}

interface Answer {
  ok: boolean;
  status: number;
  text: string;
}

async function asked(
  url: URL,
  headers: Record<string, string>,
  config: { timeout?: number; fetch?: Fetch } | undefined,
): Promise<Answer> {
  const ask = config?.fetch ?? fetch;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), config?.timeout ?? DEFAULT_TIMEOUT);
  try {
    const response = await ask(url.toString(), { headers, signal: controller.signal });
    return { ok: response.ok, status: response.status, text: await response.text() };
  } finally {
    clearTimeout(timer);
  }
}

function parsed(text: string): { access_token?: unknown } | null {
  try {
    return JSON.parse(text) as { access_token?: unknown } | null;
  } catch {
    // What JSON.parse says quotes the text, which may have a token.
    throw new SyntaxError('IMDS response contains invalid JSON');
  }
}
