/** What a turn of an agent has made. */

import { OpenAIError } from '../../../core/error.js';
import type { RequestOptions } from '../../../internal/request-options.js';
import type { Artifacts, SessionArtifact } from '../../../resources/beta/agents/sessions/artifacts.js';
import type { AgentTurnResult } from './agent-turn-result.js';
import { agentItems } from './pages.js';

/** The artifacts of one finished turn, by their paths. */
export class AgentResultArtifacts {
  readonly #resource: Artifacts;
  readonly #result: AgentTurnResult;

  constructor(resource: Artifacts, result: AgentTurnResult) {
    this.#resource = resource;
    this.#result = result;
  }

  /**
   * Finds the artifact with this very path.
   *
   * @throws {OpenAIError} The turn has made none, or a page does not lead on to the next.
   */
  async retrieve(path: string, options?: RequestOptions): Promise<SessionArtifact> {
    const { session_id, turn_id } = this.#result;
    const load = (after: string | undefined) => this.#resource.list(session_id, { after }, options);
    for await (const artifact of agentItems<SessionArtifact>(load)) {
      if (artifact.path === path && artifact.turn_id === turn_id && artifact.session_id === session_id) return artifact;
    }
    throw new OpenAIError('No artifact matches this result and path');
  }

  /**
   * The bytes of an artifact.
   *
   * @throws {OpenAIError} The turn has made none with this path.
   */
  async content(path: string, options?: RequestOptions): Promise<Response> {
    return this.#contentOf(await this.retrieve(path, options), options);
  }

  /**
   * Writes an artifact to a stream of the caller.
   *
   * @throws {OpenAIError} The turn has made none with this path, or the answer has no body.
   */
  async download(
    params: { path: string; to: WritableStream<Uint8Array> },
    options?: RequestOptions,
  ): Promise<SessionArtifact> {
    const artifact = await this.retrieve(params.path, options);
    const { body } = await this.#contentOf(artifact, options);
    if (body === null) throw new OpenAIError(`The artifact ${artifact.id} has no content; ask for it again later.`);
    await body.pipeTo(params.to);
    return artifact;
  }

  #contentOf(artifact: SessionArtifact, options?: RequestOptions): Promise<Response> {
    return this.#resource.content(artifact.id, { session_id: artifact.session_id }, options);
  }
}
