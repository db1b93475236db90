/** What realtime connections fail with. */

export { OpenAIRealtimeError } from './internal-base.js';
