// Reads the files of the JSONTestSuite as `JSON.parse` does: `host.mjs FOLDER`, which `cargo xtask json-suite` runs.
//
// What `JSON.parse` takes is taken, with the same value; what it refuses is refused.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { partialJson, SchemaViolationError, validate } from "tailrace";

function host(text) {
  try {
    return [JSON.parse(text)];
  } catch {
    return null;
  }
}

function ours(text) {
  try {
    validate(true, text);
  } catch (error) {
    if (error instanceof SchemaViolationError) return null;
    throw error;
  }
  return [partialJson(text)];
}

const folder = process.argv[2];
const counts = {};
let wrong = 0;
for (const name of readdirSync(folder).sort()) {
  const kind = name.slice(0, 2);
  const text = new TextDecoder().decode(readFileSync(join(folder, name)));
  const [theirs, mine] = [host(text), ours(text)];
  const count = (counts[kind] ??= { read: 0, refused: 0 });
  count[mine === null ? "refused" : "read"] += 1;
  if (!isDeepStrictEqual(theirs, mine)) {
    wrong += 1;
    console.log(`${name}: JSON.parse ${JSON.stringify(theirs)?.slice(0, 200)}, tailrace ${JSON.stringify(mine)?.slice(0, 200)}`);
  }
}
console.table(counts);
process.exit(wrong > 0 || !counts.y_?.read ? 1 : 0);
