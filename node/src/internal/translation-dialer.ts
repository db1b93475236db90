/** How the sockets of translation sessions are opened. */

import type * as WS from 'ws';
import { AzureOpenAI } from '../azure.js';
import type { OpenAI, ClientOptions as OpenAIOptions } from '../client.js';
import { prepareRequest } from '../resources/realtime/translations/websocket-binding.js';
import { connectionURL } from './api-dialer.js';
import { defaultHeaders } from './client-options.js';
import { flat, layered, type HeadersLike } from './headers.js';
import { askerHeaders } from './platform.js';
import { socketOptions } from './socket-options.js';
import { socketTransport } from './socket-transport.js';
import { Socket } from './websocket.js';
import { NodeWebSocket } from './ws-adapter-node.js';

/** What a caller says of a session. */
interface Session {
  model: string;
  options?: (Omit<WS.ClientOptions, 'headers'> & { headers?: HeadersLike }) | undefined;
}

/**
 * Opens a socket for a session.
 *
 * @throws {Error} There is no model or no key, the client is none of OpenAI's own API, or it is not secure.
 */
export async function openTranslation(client: OpenAI, { model, options }: Session): Promise<{ socket: NodeWebSocket; url: URL }> {
  const { _options: own } = client as unknown as { _options: OpenAIOptions };
  if (client instanceof AzureOpenAI || own.provider != null || own.workloadIdentity != null) {
    throw new Error('Realtime translation WebSockets require an ordinary OpenAI API-key client.');
  }
  if (typeof model !== 'string' || model === '') throw new Error('A translation model is required.');
  const { path, query } = prepareRequest({ model });
  const url = connectionURL(client, path, query);
  if (url.protocol !== 'wss:') throw new Error('The translation endpoint must use HTTPS.');
  let { apiKey } = client;
  await client._callApiKey((fresh) => (apiKey = fresh));
  if (apiKey === null) throw new Error('Realtime translation WebSockets require an API key.');
  const given = socketOptions((options ?? {}) as WS.ClientOptions);
  const headers = layered([
    askerHeaders(client),
    { Authorization: `Bearer ${apiKey}` },
    ...defaultHeaders(own.defaultHeaders, true),
    given.headers,
  ]);
  const socket = new Socket({
    url: url.href,
    headers: flat(headers),
    protocols: [],
    transport: socketTransport(own.transport, given.transport),
    timeout: given.timeout ?? client.timeout,
    isFollowing: false,
    ...given.messages,
    signal: given.signal,
  });
  return { socket: new NodeWebSocket(socket as unknown as WS.WebSocket), url };
}
