/** Does what a call of a computer asks for, and looks at the screen once at the end. */

import { OpenAIError } from '../../core/error.js';
import type {
  ComputerCallInput,
  ComputerDriver,
  ComputerExecutionOptions,
  ComputerScreenshot,
} from '../../helpers/computer.js';
import type { ComputerAction, ResponseInputItem } from '../../resources/responses/responses.js';
import { detached } from '../detached.js';
import { Stages } from '../runner/stages.js';
import { actionsOf, wholeCall } from './call.js';

type Context = { signal: AbortSignal | undefined };

/** One use of a driver. */
export class ComputerExecution {
  readonly #driver: ComputerDriver;
  readonly #options: ComputerExecutionOptions;
  readonly #stages: Stages;

  constructor(driver: ComputerDriver, options: ComputerExecutionOptions) {
    this.#driver = driver;
    this.#options = options;
    this.#stages = new Stages('computer', options.onDiagnostic, options.signal);
  }

  /**
   * @param call - One that was looked at, and that nobody else holds.
   * @throws {OpenAIError} An action or a check was not approved, or the driver gave no screenshot.
   * @throws What the driver or an approval throws, or the reason of an abort.
   */
  async output(call: ComputerCallInput): Promise<ResponseInputItem.ComputerCallOutput> {
    this.#options.signal?.throwIfAborted();
    const checks = call.pending_safety_checks ?? [];
    if (checks.length > 0) await this.#approveChecks(call);
    const actions = actionsOf(call);
    for (const [place, action] of actions.entries()) {
      // Only the last screen is told, so that a look in between, or at the end, is none of its own.
      if (action.type === 'screenshot' && place === actions.length - 1) break;
      await this.#approve(action, call);
      if (action.type !== 'screenshot') await this.#act(action, call);
    }
    const last = actions.at(-1) as ComputerAction;
    const shot = await this.#look(last.type === 'screenshot' ? last : { type: 'screenshot' }, call);
    return {
      type: 'computer_call_output',
      call_id: call.call_id,
      output: shot,
      ...(checks.length > 0 && { acknowledged_safety_checks: detached(checks) }),
    };
  }

  get #context(): Context {
    return { signal: this.#options.signal };
  }

  async #approveChecks(call: ComputerCallInput): Promise<void> {
    const { approveSafetyChecks } = this.#options;
    await this.#stages.finish('approval', { call_id: call.call_id, member: null }, async () => {
      if ((await approveSafetyChecks?.(wholeCall(call), this.#context)) === true) return;
      throw new OpenAIError('ComputerToolset requires explicit approval of pending safety checks.');
    });
  }

  async #approve(action: ComputerAction, call: ComputerCallInput): Promise<void> {
    const { beforeAction } = this.#options;
    if (beforeAction === undefined) return;
    await this.#stages.finish('approval', { call_id: call.call_id, member: action.type }, async () => {
      if ((await beforeAction(detached(action), wholeCall(call), this.#context)) === true) return;
      throw new OpenAIError('ComputerToolset action declined by beforeAction.');
    });
  }

  async #act(action: Exclude<ComputerAction, { type: 'screenshot' }>, call: ComputerCallInput): Promise<void> {
    const driver = this.#driver as unknown as Record<string, (action: object, context: Context) => unknown>;
    await this.#stages.finish('action', { call_id: call.call_id, member: action.type }, () =>
      driver[action.type]?.(detached(action), this.#context),
    );
  }

  async #look(action: ComputerAction, call: ComputerCallInput): Promise<ComputerScreenshot> {
    await this.#approve(action, call);
    return this.#stages.finish('action', { call_id: call.call_id, member: 'screenshot' }, async () =>
      ownScreenshot(await this.#driver.screenshot(this.#context)),
    );
  }
}

function ownScreenshot(shot: unknown): ComputerScreenshot {
  const { type, image_url, file_id } = (shot ?? {}) as Record<string, unknown>;
  const given = [image_url, file_id].filter((each) => each !== undefined);
  const isGiven = given.length > 0 && given.every((each) => typeof each === 'string' && each !== '');
  if (type !== 'computer_screenshot' || !isGiven) {
    throw new OpenAIError('ComputerToolset screenshot must return a computer_screenshot with image_url or file_id.');
  }
  return { type, ...(image_url !== undefined && { image_url }), ...(file_id !== undefined && { file_id }) } as ComputerScreenshot;
}
