/** The client. */

export { OpenAI } from './resources/openai.js';
export type { ApiKeySetter, ClientOptions, DataResidency, Pem, TransportOptions } from './internal/client-options.js';
export type { Logger, LogLevel } from './internal/log.js';
