/** Answers the calls of an agent by functions of the caller. */

import { APIError, OpenAIError } from '../../../core/error.js';
import { type RequestOptions } from '../../../internal/request-options.js';
import { withoutKey } from '../../../internal/agents/idempotency.js';
import { detached } from '../../../internal/detached.js';
import { sleep } from '../../../internal/sleep.js';
import { unlessAborted, userAbort } from '../../../internal/user-abort.js';
import { type AgentToolHandler, type AgentSessionStreamParams } from '../../agents/agent-session-stream.js';
import {
  type AgentFunctionCallItem,
  type AgentFunctionCallOutputParam,
  type AgentSessionInputParam,
} from '../../../resources/beta/agents/agents.js';
import { type Sessions } from '../../../resources/beta/agents/sessions/sessions.js';
import { type AgentToolError } from './tool-error.js';
import { isInputContent } from './tool-output.js';
import { toolStages, type StagedToolHandler } from './tool-stages.js';

type ToolResult = AgentSessionInputParam.SessionInputParamAgentSessionInputToolResult;
type Call = Pick<AgentFunctionCallItem, 'name' | 'call_id' | 'turn_id' | 'arguments'>;

/** What a model hears of a function that failed; why is nothing for it. */
const FAILED = 'Tool handler failed.';

/** Pauses before an output is sent again that came before the API knew of its call, in milliseconds. */
const PAUSES = [100, 300, 600];

/** Runs handlers one at a time, and sends what they give. */
export class AgentToolDispatcher {
  readonly #sessions: Sessions;
  readonly #handlers: ReadonlyMap<string, StagedToolHandler>;
  readonly #signal: AbortSignal;
  readonly #options: RequestOptions;
  readonly #onToolError: AgentSessionStreamParams['onToolError'];

  /**
   * @param handlers - By the names of their functions, as they are now.
   * @param controller - Ends handlers, observers and requests; it does not reach into a handler.
   * @param onToolError - Hears of each failure; what it throws is ignored.
   */
  constructor(
    sessions: Sessions,
    handlers: Record<string, AgentToolHandler>,
    controller: AbortController,
    options?: RequestOptions,
    onToolError?: AgentSessionStreamParams['onToolError'],
  ) {
    this.#sessions = sessions;
    this.#handlers = new Map(Object.entries(handlers).filter(([, handler]) => typeof handler === 'function'));
    this.#signal = controller.signal;
    this.#options = { ...withoutKey(options), signal: this.#signal };
    this.#onToolError = onToolError;
  }

  canHandle(name: string): boolean {
    return this.#handlers.has(name);
  }

  /**
   * What answers a call, or `undefined` for one that has no handler.
   *
   * @throws {OpenAIError} Nobody knows yet which session it belongs to.
   */
  prepare(call: AgentFunctionCallItem | undefined, sessionID: string | undefined): (() => Promise<void>) | undefined {
    const handler = call && this.#handlers.get(call.name);
    if (handler === undefined) return undefined;
    if (!sessionID) throw new OpenAIError('Tool call received before the session creation event');
    // The caller may change the event before the handler runs.
    const { name, call_id, turn_id, arguments: given } = detached(call as AgentFunctionCallItem);
    return () => this.#answer(handler, { name, call_id, turn_id, arguments: given }, sessionID);
  }

  async #answer(handler: StagedToolHandler, call: Call, sessionID: string): Promise<void> {
    const { turn_id, call_id } = call;
    const type = 'agent.session.input.tool_result';
    const result = await this.#result(handler, call, sessionID);
    await this.#send(sessionID, { type, turn_id, call_id, ...result });
  }

  async #result(
    handler: StagedToolHandler,
    call: Call,
    session_id: string,
  ): Promise<Pick<ToolResult, 'success' | 'output' | 'error'>> {
    let stage: AgentToolError['stage'] = 'arguments';
    const setStage = (next: AgentToolError['stage']) => {
      stage = next;
    };
    try {
      const given = argumentsOf(call);
      stage = 'execution';
      const isStaged = handler[toolStages] === true;
      const output = await unlessAborted(this.#signal, () => (isStaged ? handler(given, setStage) : handler(given)));
      stage = 'output';
      return { success: true, output: outputOf(output) };
    } catch (error) {
      if (this.#signal.aborted) throw userAbort(this.#signal);
      const { name: tool_name, turn_id, call_id } = call;
      await this.#report({ error, stage, tool_name, session_id, turn_id, call_id });
      return { success: false, error: FAILED };
    }
  }

  async #report(failure: AgentToolError): Promise<void> {
    const observe = this.#onToolError;
    if (observe === undefined) return;
    try {
      await unlessAborted(this.#signal, () => observe(Object.freeze(failure)));
    } catch {
      if (this.#signal.aborted) throw userAbort(this.#signal);
    }
  }

  async #send(sessionID: string, result: ToolResult): Promise<void> {
    const body = { events: [result], 'Idempotency-Key': crypto.randomUUID() };
    for (const pause of PAUSES) {
      try {
        return await this.#sessions.events.create(sessionID, body, this.#options);
      } catch (error) {
        if (!isTooEarly(error, result.call_id)) throw error;
      }
      await sleep(pause, this.#signal);
      if (this.#signal.aborted) throw userAbort(this.#signal);
    }
    return this.#sessions.events.create(sessionID, body, this.#options);
  }
}

/** Whether the API does not know yet of a call whose event it has sent. */
function isTooEarly(error: unknown, callID: string): boolean {
  if (!(error instanceof APIError) || error.status !== 400 || error.code !== 'invalid_request_error') return false;
  return (error.error as { message?: unknown }).message === `Unknown pending tool call: ${callID}`;
}

function argumentsOf({ arguments: given }: Call): Record<string, unknown> {
  const value: unknown = typeof given === 'string' ? JSON.parse(given) : given;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new OpenAIError('Function arguments must be a JSON object');
}

/** An object becomes text; text and content stay what they are. */
function outputOf(output: unknown): AgentFunctionCallOutputParam | null {
  const text = JSON.stringify(output) as string | undefined;
  if (text === undefined) throw new OpenAIError('Tool output must be JSON serializable');
  if (typeof output === 'object' && output !== null && !Array.isArray(output)) return text;
  const value: unknown = JSON.parse(text);
  if (value === null || typeof value === 'string') return value;
  if (Array.isArray(value) && value.every(isInputContent)) return value;
  throw new OpenAIError('Tool output must be text, content, a JSON object, or null');
}
