/** What an answer may hold that a runner acts upon: looked at as a whole before anything is done. */

import type {
  Response,
  ResponseComputerToolCall,
  ResponseInputItem,
  ResponseOutputItem,
  Tool,
} from '../../resources/responses/responses.js';
import { ownCall } from '../computer/call.js';
import { isAnswer } from '../structured/phase.js';
import type { Registry } from './registry.js';
import { RunnerStop } from './stop.js';

/** An item of an answer or of a history, as it is read here. */
export interface Item {
  type?: string;
  id?: string | null;
  call_id?: string;
  name?: string;
  arguments?: unknown;
  status?: string;
  role?: string;
  content?: unknown;
  server_label?: string;
  approval_request_id?: string | null;
}

type McpTool = Extract<Tool, { type: 'mcp' }>;

/** Items of tools that run on the server, and the tools that they come from, by the beginnings of their types. */
const SERVER_ITEMS: Record<string, string> = {
  web_search_call: 'web_search',
  file_search_call: 'file_search',
  code_interpreter_call: 'code_interpreter',
  image_generation_call: 'image_generation',
  mcp_call: 'mcp',
  mcp_list_tools: 'mcp',
  mcp_approval_request: 'mcp',
};

const SERVER_TOOLS = ['web_search', 'file_search', 'code_interpreter', 'image_generation', 'mcp'];

/** Whether a tool runs on the server, so that a runner only hands it on. */
export function isServerTool({ type }: Tool): boolean {
  return SERVER_TOOLS.some((name) => type === name || (name === 'web_search' && type.startsWith('web_search_')));
}

/** Whether an item is one of a tool that runs on the server. */
export function isServerItem(type: string): boolean {
  return Object.hasOwn(SERVER_ITEMS, type);
}

/** Looks at the answers of one run; it remembers ids and approvals from one answer to the next. */
export class Inspection {
  readonly #registry: Pick<Registry, 'functions' | 'computer'>;
  readonly #tools: Tool[];
  readonly #ids = new Set<string>();
  readonly #calls = new Set<string>();
  readonly #approved = new Set<string>();

  /** @param history - Whose ids an answer must not use again. */
  constructor(registry: Pick<Registry, 'functions' | 'computer'>, tools: Tool[], history: ResponseInputItem[]) {
    this.#registry = registry;
    this.#tools = tools;
    for (const { id, call_id } of history as Item[]) {
      if (id) this.#ids.add(id);
      if (call_id) this.#calls.add(call_id);
    }
  }

  /** Lets a later answer hold the call that was asked for. */
  approve(id: string): void {
    this.#approved.add(id);
  }

  /**
   * The items that are waited for, in order.
   *
   * @throws {RunnerStop} The answer is not whole, or holds something that a runner cannot act upon.
   * @throws {OpenAIError} A call of the computer is none.
   */
  pending(response: Response): ResponseOutputItem[] {
    if (response.status !== 'completed') throw new RunnerStop('Response was not completed.');
    const waiting = response.output.filter((item) => this.check(item as Item));
    if (waiting.length === 0 && !response.output.some(isFinalMessage)) {
      throw new RunnerStop('Response has no completed final message.');
    }
    for (const item of response.output as Item[]) this.#claim(item);
    return waiting;
  }

  /** Whether an item is waited for. @throws {RunnerStop} As {@link Inspection.pending}. */
  check(item: Item): boolean {
    const type = item.type ?? '';
    if (type === 'function_call') {
      this.#checkCall(item);
      return true;
    }
    if (type === 'computer_call') {
      if (this.#registry.computer === undefined) throw new RunnerStop('Incomplete or unregistered computer call.');
      ownCall(item as unknown as ResponseComputerToolCall);
      return true;
    }
    if (type === 'message') checkMessage(item);
    else if (isServerItem(type)) this.#checkServer(item);
    else if (type !== 'reasoning' && type !== 'compaction') throw new RunnerStop('Unsupported response output item.');
    return type === 'mcp_approval_request';
  }

  #checkCall({ name, arguments: text, status = 'completed' }: Item): void {
    if (!this.#registry.functions.has(name ?? '') || typeof text !== 'string' || status !== 'completed') {
      throw new RunnerStop('Incomplete or unregistered function call.');
    }
  }

  #checkServer(item: Item): void {
    const kind = SERVER_ITEMS[item.type ?? ''] ?? '';
    const tool = this.#tools.find(
      (each) =>
        (each.type === kind || (kind === 'web_search' && each.type.startsWith('web_search_'))) &&
        (each.type !== 'mcp' || each.server_label === item.server_label),
    );
    if (tool === undefined) throw new RunnerStop('Server output requires its declared tool and MCP server label.');
    if (tool.type === 'mcp') this.#checkMcp(item, tool);
    if (kind === 'mcp' ? item.type === 'mcp_call' && (item.status ?? 'completed') !== 'completed' : item.status !== 'completed') {
      throw new RunnerStop('Server tool did not complete. Inspect the environment before continuing.');
    }
  }

  #checkMcp(item: Item, tool: McpTool): void {
    if (item.type === 'mcp_list_tools') return;
    const isAsked = asksFirst(tool, item.name ?? '');
    if (item.type === 'mcp_approval_request') {
      if (!isAsked) throw new RunnerStop('MCP approval request contradicts require_approval.');
    } else if (isAsked && !this.#approved.has(item.approval_request_id ?? '')) {
      throw new RunnerStop('MCP call requires a matching approval request.');
    }
  }

  #claim({ type, id, call_id }: Item): void {
    if (id) {
      if (this.#ids.has(id)) throw new RunnerStop('Response output item IDs must be unique across the run.');
      this.#ids.add(id);
    }
    if (!(type === 'function_call' || type === 'computer_call') || call_id === undefined) return;
    if (this.#calls.has(call_id)) throw new RunnerStop('Invalid or duplicate completed call.');
    this.#calls.add(call_id);
  }
}

/** Whether a server asks before it runs a tool; it does unless it was told not to. */
function asksFirst({ require_approval: rule }: McpTool, name: string): boolean {
  if (rule === 'never') return false;
  if (rule === null || rule === undefined || typeof rule === 'string') return true;
  if (rule.never?.tool_names?.includes(name)) return false;
  return rule.always?.tool_names?.includes(name) ?? true;
}

function checkMessage({ role, content, status }: Item): void {
  if (role !== 'assistant' || !Array.isArray(content)) {
    throw new RunnerStop('Response message requires native assistant content before replay.');
  }
  if (status !== 'completed') throw new RunnerStop('Response message did not complete.');
}

/** Whether an item is what the model says in the end. */
export function isFinalMessage(item: ResponseOutputItem): boolean {
  return item.type === 'message' && isAnswer(item);
}
