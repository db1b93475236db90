/** Strings, numbers and dates of zod 3 as JSON schemas. */

import { type Def } from './types.js';

type Schema = Record<string, unknown>;

/** Formats by the check that asks for them. */
const FORMATS: Record<string, string> = {
  email: 'email', url: 'uri', uuid: 'uuid', datetime: 'date-time', date: 'date', time: 'time', duration: 'duration',
}; // prettier-ignore

/** Patterns by the check that asks for them: what each of zod's identifiers looks like. */
const PATTERNS: Record<string, string> = {
  cuid: '^[cC][^\\s-]{8,}$',
  cuid2: '^[0-9a-z]+$',
  ulid: '^[0-9A-HJKMNP-TV-Z]{26}$',
  nanoid: '^[a-zA-Z0-9_-]{21}$',
  emoji: '^(\\p{Extended_Pictographic}|\\p{Emoji_Component})+$',
};

export function string(def: Def): Schema {
  const schema: Schema = { type: 'string' };
  for (const check of def.checks ?? []) {
    const { kind } = check;
    const value = check.value;
    if (kind === 'min' || kind === 'length') atLeast(schema, 'minLength', value as number);
    if (kind === 'max' || kind === 'length') atMost(schema, 'maxLength', value as number);
    if (FORMATS[kind] !== undefined) addFormat(schema, FORMATS[kind]);
    if (PATTERNS[kind] !== undefined) addPattern(schema, PATTERNS[kind]);
    if (kind === 'regex') addPattern(schema, check.regex!.source);
    if (kind === 'startsWith') addPattern(schema, `^${literal(value as string)}`);
    if (kind === 'endsWith') addPattern(schema, `${literal(value as string)}$`);
    if (kind === 'includes') addPattern(schema, literal(value as string));
    if (kind === 'ip' && check.version !== 'v6') addFormat(schema, 'ipv4');
    if (kind === 'ip' && check.version !== 'v4') addFormat(schema, 'ipv6');
    if (kind === 'base64') schema['contentEncoding'] = 'base64';
  }
  return schema;
}

export function number(def: Def): Schema {
  const schema: Schema = { type: 'number' };
  for (const { kind, value, inclusive } of def.checks ?? []) {
    if (kind === 'int') schema['type'] = 'integer';
    if (kind === 'min') schema[inclusive ? 'minimum' : 'exclusiveMinimum'] = value;
    if (kind === 'max') schema[inclusive ? 'maximum' : 'exclusiveMaximum'] = value;
    if (kind === 'multipleOf') schema['multipleOf'] = value;
  }
  return schema;
}

/** Integers of any size, which the API writes as numbers. */
export function bigint(def: Def): Schema {
  return { ...number(def), type: 'integer', format: 'int64' };
}

/** Two formats of one text: either of them will do. */
function addFormat(schema: Schema, format: string): void {
  const formats = (schema['anyOf'] as Schema[] | undefined) ?? [];
  if (schema['format'] !== undefined) formats.push({ format: schema['format'] });
  delete schema['format'];
  if (formats.length === 0) schema['format'] = format;
  else schema['anyOf'] = [...formats, { format }];
}

/** Two patterns of one text: both of them must do. */
function addPattern(schema: Schema, pattern: string): void {
  const patterns = (schema['allOf'] as Schema[] | undefined) ?? [];
  if (schema['pattern'] !== undefined) patterns.push({ pattern: schema['pattern'] });
  delete schema['pattern'];
  if (patterns.length === 0) schema['pattern'] = pattern;
  else schema['allOf'] = [...patterns, { pattern }];
}

function atLeast(schema: Schema, name: string, value: number): void {
  const before = schema[name] as number | undefined;
  schema[name] = before === undefined ? value : Math.max(before, value);
}

function atMost(schema: Schema, name: string, value: number): void {
  const before = schema[name] as number | undefined;
  schema[name] = before === undefined ? value : Math.min(before, value);
}

/** A text as a pattern that says nothing else. */
function literal(text: string): string {
  return text.replace(/[^a-zA-Z0-9]/g, '\\$&');
}
