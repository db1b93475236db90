// Makes strict schemas with the helpers of one package and prints them, as data.
//
// node strict-schema-subject.mjs <folder of the package> <extension>
// `TAILRACE_OFFICIAL_NODE_MODULES` names the folder that has zod.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fields, formats } from './strict-schema-cases.mjs';
import { STANDARD_SCHEMAS, standard } from './strict-standard-cases.mjs';

const [folder, extension] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(folder, path + extension)).href);
const helpers = await load('helpers/zod');
const { standardFunction, standardResponseFormat, standardResponsesFunction, standardTextFormat } =
  await load('helpers/standard-schema');
const { toStrictJsonSchema } = await load('lib/transform');
const require = createRequire(join(process.env.TAILRACE_OFFICIAL_NODE_MODULES, 'tools.js'));
const outcomes = {};

/** The text of the result, with its order; the class and the message of the error. */
function note(name, action) {
  try {
    const value = action();
    outcomes[name] = value === undefined ? 'undefined' : JSON.stringify(value);
  } catch (error) {
    const kind = ['TypeError', 'SyntaxError', 'OpenAIError'].find((kind) => error.constructor.name === kind) ?? 'Error';
    outcomes[name] = { kind, message: error.message };
  }
}

function noteAll(label, z, version) {
  for (const [name, make] of Object.entries(fields(z, version))) {
    let schema;
    try {
      schema = make();
    } catch {
      // This version of zod cannot say it.
      continue;
    }
    const { zodRealtimeFunction, zodResponseFormat } = helpers;
    note(`${label} field ${name}`, () => zodResponseFormat(z.object({ x: schema }), 'n').json_schema.schema);
    note(`${label} root ${name}`, () => zodResponseFormat(schema, 'n').json_schema.schema);
    note(`${label} realtime ${name}`, () => zodRealtimeFunction({ name: 'n', parameters: z.object({ x: schema }) }));
  }
}

function noteHelpers(label, z) {
  const { zodFunction, zodResponseFormat, zodResponsesFunction, zodTextFormat } = helpers;
  const parameters = z.object({ a: z.string() });
  const tool = { name: 'f', parameters, description: 'd', defer_loading: true, function: () => 'called' };
  const made = {
    zodResponseFormat: zodResponseFormat(parameters, 'n', { description: 'd' }),
    zodTextFormat: zodTextFormat(parameters, 'n', { description: 'd' }),
    zodFunction: zodFunction(tool),
    zodResponsesFunction: zodResponsesFunction(tool),
  };
  for (const [name, result] of Object.entries(made)) {
    note(`${label} ${name}`, () => result);
    note(`${label} ${name} members`, () => Object.getOwnPropertyNames(result));
    note(`${label} ${name} calls`, () => result.$callback?.());
    for (const text of ['{"a":"x"}', '{"a":1}', '{"a":', '3']) note(`${label} ${name} parses ${text}`, () => result.$parseRaw(text));
  }
  note(`${label} zodFunction alone`, () => zodFunction({ name: 'f', parameters }));
  note(`${label} zodResponsesFunction alone`, () => zodResponsesFunction({ name: 'f', parameters }));
  const definitions = { Inner: parameters, Other: z.number() };
  const outer = z.object({ a: parameters, b: z.array(parameters), c: parameters.nullable?.() ?? parameters });
  note(`${label} definitions`, () => zodResponseFormat(outer, 'n', { schemaDefinitions: definitions }));
}

const { z: z4 } = require('zod/v4');
const { z: z3 } = require('zod/v3');
const mini = require('zod/mini');
noteAll('zod 3', z3, 3);
noteAll('zod 4', z4, 4);
for (const [name, action] of Object.entries(formats(z3, (schema, props) => helpers.zodResponseFormat(schema, 'n', props)))) {
  note(`zod 3 format ${name}`, action);
}
noteHelpers('zod 3', z3);
noteHelpers('zod 4', z4);
noteHelpers('mini', mini);
const M = mini.object({ v: mini.string(), get kids() { return mini.array(M); } }); // prettier-ignore
const minis = {
  object: mini.object({ a: mini.string().check(mini.minLength(2)), b: mini.nullable(mini.number()) }),
  optional: mini.object({ a: mini.optional(mini.string()) }),
  nullish: mini.object({ a: mini.nullish(mini.string()) }),
  union: mini.object({ a: mini.union([mini.string(), mini.array(mini.number())]) }),
  discriminated: mini.object({
    a: mini.discriminatedUnion('k', [mini.object({ k: mini.literal('x') }), mini.object({ k: mini.literal('y') })]),
  }),
  recursive: M,
  described: mini.object({ a: mini.string().check(mini.describe?.('d') ?? mini.minLength(1)) }),
  record: mini.object({ a: mini.record(mini.string(), mini.number()) }),
  loose: mini.looseObject({ a: mini.string() }),
  date: mini.object({ a: mini.date() }),
  default: mini.object({ a: mini._default(mini.string(), 'x') }),
  intersection: mini.object({ a: mini.intersection(mini.object({ x: mini.string() }), mini.object({ y: mini.string() })) }),
};
for (const [name, schema] of Object.entries(minis)) note(`mini ${name}`, () => helpers.zodResponseFormat(schema, 'n'));

for (const [name, schema] of Object.entries(STANDARD_SCHEMAS)) {
  note(`standard ${name}`, () => standardResponseFormat(standard(schema), 'n').json_schema.schema);
}
const parameters = standard(STANDARD_SCHEMAS.plain, (value) =>
  value.a === 'x' ? { value: { got: value.a } } : { issues: [{ message: 'bad', path: ['a', { key: 0 }] }, { message: 'worse' }] },
);
const tool = { name: 'f', parameters, description: 'd', defer_loading: true, function: () => 'called' };
const made = {
  standardResponseFormat: standardResponseFormat(parameters, 'n', { description: 'd' }),
  standardTextFormat: standardTextFormat(parameters, 'n', { description: 'd' }),
  standardFunction: standardFunction(tool),
  standardResponsesFunction: standardResponsesFunction(tool),
};
for (const [name, result] of Object.entries(made)) {
  note(name, () => [result, Object.getOwnPropertyNames(result), result.$callback?.()]);
  for (const text of ['{"a":"x"}', '{"a":"y"}', '{']) note(`${name} parses ${text}`, () => result.$parseRaw(text));
}
const slow = standard(STANDARD_SCHEMAS.plain, async (value) => ({ value }));
note('standard that takes time', () => standardResponseFormat(slow, 'n').$parseRaw('{"a":"x"}'));
const given = { schema: { type: 'object', properties: { b: { type: 'string' } }, required: ['b'] } };
note('standard with a schema', () => standardResponseFormat(parameters, 'n', given));
note('standard without a schema', () => standardResponseFormat({ '~standard': { version: 1, validate() {} } }, 'n'));

const documents = JSON.parse(fs.readFileSync(new URL('strict-schema-documents.json', import.meta.url), 'utf8'));
for (const document of documents) note(`document ${JSON.stringify(document)}`, () => toStrictJsonSchema(document));

process.stdout.write(JSON.stringify(outcomes));
