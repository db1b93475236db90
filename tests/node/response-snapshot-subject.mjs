// Takes the events of `response-event-cases.mjs` in with one package and prints each snapshot or error.
//
// node response-snapshot-subject.mjs <folder of the package> <extension>

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CASES } from './response-event-cases.mjs';

const [folder, extension] = process.argv.slice(2);
const path = join(folder, `lib/responses/ResponseAccumulator${extension}`);
const { accumulateResponse } = await import(pathToFileURL(path).href);

const outcomes = {};
for (const [name, events] of Object.entries(CASES)) {
  let snapshot;
  outcomes[name] = structuredClone(events).map((event) => {
    try {
      snapshot = accumulateResponse(event, snapshot);
      return JSON.stringify(snapshot);
    } catch (error) {
      return `${error.constructor.name}: ${error.message}`;
    }
  });
}
process.stdout.write(JSON.stringify(outcomes));
