// JSON schemas as a library with the Standard Schema interface gives them.

const text = { type: 'string' };

function object(properties, required = Object.keys(properties), rest = {}) {
  return { type: 'object', properties, required, ...rest };
}

const kindA = object({ k: { const: 'a' } });
const kindB = object({ k: { const: 'b' } });

/** A schema of no library, with this JSON schema and this validation. */
export function standard(schema, validate = (value) => ({ value })) {
  return { '~standard': { version: 1, vendor: 'test', validate, jsonSchema: { input: () => schema } } };
}

export const STANDARD_SCHEMAS = {
  plain: object({ a: text }),
  optional: object({ a: text }, []),
  'types that differ': object({ a: { oneOf: [text, { type: 'number' }] } }),
  'types that do not': object({ a: { oneOf: [text, text] } }),
  constants: object({ a: { oneOf: [{ const: 'a' }, { const: 'b' }] } }),
  'a discriminator': object({ a: { oneOf: [kindA, kindB] } }),
  'a discriminator that may be missing': object({ a: { oneOf: [object({ k: { const: 'a' } }, []), object({ k: { const: 'b' } }, [])] } }),
  'objects without one': object({ a: { oneOf: [object({ a: text }), object({ b: text })] } }),
  enums: object({ a: { oneOf: [{ enum: ['a', 'b'] }, { enum: ['c'] }] } }),
  'enums that overlap': object({ a: { oneOf: [{ enum: ['a', 'b'] }, { enum: ['b'] }] } }),
  'an integer and a number': object({ a: { oneOf: [{ type: 'integer' }, { type: 'number' }] } }),
  'something or null': object({ a: { oneOf: [text, { type: 'null' }] } }),
  'a list of types': object({ a: { oneOf: [{ type: ['string', 'null'] }, { type: 'number' }] } }),
  references: object({ a: { oneOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/B' }] } }, ['a'], { $defs: { A: kindA, B: kindB } }),
  'an intersection': object({ a: { oneOf: [{ allOf: [kindA, object({ x: text })] }, kindB] } }),
  'a reference into a branch': object({ a: { oneOf: [kindA, kindB] }, b: { $ref: '#/properties/a/oneOf/0' } }),
  'a type beside it': object({ a: { type: 'object', oneOf: [kindA, kindB] } }),
  'both kinds of union': object({ a: { oneOf: [text], anyOf: [text] } }),
  'one branch': object({ a: { oneOf: [text] } }),
  'a root of one branch': { oneOf: [object({ a: text })] },
  'an identifier inside': object({ a: { ...text, $id: 'q' } }),
  tuple: object({ a: { type: 'array', items: [text] } }),
  open: object({ a: text }, ['a'], { additionalProperties: true }),
  not: object({ a: { not: text } }),
  boolean: true,
};
