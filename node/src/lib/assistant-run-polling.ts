/** Waiting for runs of assistants. */

export { poll as pollAssistantRun } from '../helpers/runs.js';
