/** What a runner may call, and which calls may run before the whole answer was looked at. */

import type { BrowserToolset } from '../../helpers/browser.js';
import type { ComputerToolset } from '../../helpers/computer.js';
import type { ResponsesEarlyExecution, ResponsesRunnerTools, RunnerFunction } from '../../helpers/responses-tool-runner.js';
import { knownFields } from './fields.js';

/** A function that a model can call; those of the browser have nothing to run of their own. */
export type Registered = Omit<RunnerFunction, 'execute'> & Partial<Pick<RunnerFunction, 'execute'>>;

/** The tools of a runner, by the names that a model calls. */
export class Registry {
  readonly functions = new Map<string, Registered>();
  /** The functions whose calls may run early; `undefined` when all may. */
  readonly early: ReadonlySet<string> | undefined;
  readonly browser: BrowserToolset | undefined;
  readonly computer: ComputerToolset | undefined;
  /** Whether calls of the computer may run early. */
  readonly isComputerEarly: boolean;

  /** @throws {TypeError} A function has no name, nothing to run, or the name of another, or a rule is none. */
  constructor({ functions = [], browser, computer, earlyExecution }: ResponsesRunnerTools) {
    this.browser = browser ?? undefined;
    for (const tool of this.browser?.tools() ?? []) this.functions.set(tool.name, { tool });
    for (const own of functions) this.#register(own);
    this.computer = computer ?? undefined;
    this.early = earlyExecution === null || earlyExecution === undefined ? undefined : this.#rules(earlyExecution);
    this.isComputerEarly = this.early === undefined || earlyExecution?.computer === true;
  }

  #register(own: RunnerFunction): void {
    const { tool, execute } = own;
    if (tool?.type !== 'function' || typeof tool.name !== 'string' || tool.name === '') {
      throw new TypeError('Registered functions require a function declaration with a nonempty name.');
    }
    if (typeof execute !== 'function') throw new TypeError('Registered functions require a callable executor.');
    for (const option of ['allowOutputOverride', 'independent'] as const) {
      const value: unknown = own[option];
      if (value !== undefined && typeof value !== 'boolean') throw new TypeError(`${option} must be a boolean.`);
    }
    if (this.functions.has(tool.name)) throw new TypeError('ResponsesToolRunner requires unique function names.');
    this.functions.set(tool.name, own);
  }

  #rules(rules: ResponsesEarlyExecution): ReadonlySet<string> {
    const { functions = [], computer = false } = knownFields(rules, ['functions', 'computer']);
    if (!Array.isArray(functions)) throw new TypeError('Supplied output must be text or native content blocks.');
    if (typeof computer !== 'boolean' || (computer && this.computer === undefined)) {
      throw new TypeError('earlyExecution requires registered function names and a native computer boolean.');
    }
    const names = new Set<string>(functions as string[]);
    if (names.size !== functions.length || ![...names].every((name) => this.functions.has(name))) {
      throw new TypeError('Early function names must be unique and registered.');
    }
    return names;
  }
}
