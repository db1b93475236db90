/** Part of WebSocket connections: by name and type only. */

export { OpenAIRealtimeError } from './internal-base.js';
