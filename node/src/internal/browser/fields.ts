/** The kinds of arguments: what a model is told of each, and what a value has to be. */

import type { Field } from './members.js';
import { isSized, isUnicode } from './text.js';

interface Kind {
  schema: Record<string, unknown>;
  accepts: (value: unknown) => boolean;
}

const TEXT = { type: 'string' };
const MODIFIERS = ['Control', 'Alt', 'Meta', 'Shift'];

const isText = (value: unknown): value is string => typeof value === 'string';
const isList = (value: unknown, accepts: (entry: unknown) => boolean, least = 0, most = Infinity): value is unknown[] =>
  Array.isArray(value) && value.length >= least && value.length <= most && value.every(accepts);
const isUnique = (value: unknown): boolean => new Set(value as unknown[]).size === (value as unknown[]).length;

function integer(minimum: number, maximum = Number.MAX_SAFE_INTEGER): Kind {
  return {
    schema: { type: 'integer', minimum, maximum },
    accepts: (value) => Number.isSafeInteger(value) && (value as number) >= minimum && (value as number) <= maximum,
  };
}

function oneOf(...values: string[]): Kind {
  return { schema: { type: 'string', enum: values }, accepts: (value) => isText(value) && values.includes(value) };
}

const coordinate = integer(0);

function isPoint(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { x, y } = value as Record<string, unknown>;
  return Object.keys(value).length === 2 && coordinate.accepts(x) && coordinate.accepts(y);
}

function isRegion(value: unknown): boolean {
  if (!isList(value, coordinate.accepts, 4, 4)) return false;
  const [left = 0, top = 0, right = 0, bottom = 0] = value as number[];
  return left < right && top < bottom;
}

const POINT = {
  type: 'object',
  properties: { x: coordinate.schema, y: coordinate.schema },
  required: ['x', 'y'],
  additionalProperties: false,
};

/** All kinds; the texts for a model and the limits are those of the official package. */
export const FIELDS: Record<Field, Kind> = {
  text: { schema: TEXT, accepts: isText },
  optionalText: { schema: { type: ['string', 'null'] }, accepts: (value) => value === null || isText(value) },
  strings: { schema: { type: 'array', items: TEXT }, accepts: (value) => isList(value, isText) },
  filter: oneOf('all', 'interactive'),
  direction: oneOf('up', 'down', 'left', 'right'),
  amount: coordinate,
  timeout: integer(1, 30000),
  region: { schema: { type: 'array', items: coordinate.schema, minItems: 4, maxItems: 4 }, accepts: isRegion },
  visibleText: {
    schema: { ...TEXT, description: 'Nonempty visible text, at most 256 UTF-8 bytes after whitespace normalization.' },
    accepts: (value) => isText(value) && isSized(value.trim().replaceAll(/\s+/g, ' '), 1, 256),
  },
  coordinate,
  checked: { schema: { type: 'boolean' }, accepts: (value) => typeof value === 'boolean' },
  button: oneOf('left', 'right', 'middle'),
  clickCount: {
    schema: { type: 'integer', enum: [1, 2, 3] },
    accepts: (value) => ([1, 2, 3] as unknown[]).includes(value),
  },
  modifiers: {
    schema: {
      type: 'array',
      items: { type: 'string', enum: MODIFIERS },
      minItems: 0,
      maxItems: 4,
      description: 'Unique modifier keys held for this operation.',
    },
    accepts: (value) => isList(value, (key) => MODIFIERS.includes(key as string)) && isUnique(value),
  },
  path: {
    schema: { type: 'array', items: POINT, minItems: 2, maxItems: 100 },
    accepts: (value) => isList(value, isPoint, 2, 100),
  },
  heldKeys: {
    schema: {
      type: 'array',
      items: { ...TEXT, description: 'Nonempty driver-supported key, at most 64 UTF-8 bytes.' },
      minItems: 1,
      maxItems: 8,
      description: 'Unique driver-supported keys held for this operation.',
    },
    accepts: (value) => isList(value, (key) => isSized(key, 1, 64), 1, 8) && isUnique(value),
  },
  holdDuration: integer(1, 3000),
  scope: {
    schema: {
      type: ['string', 'null'],
      description: 'Null or a nonempty driver-issued scope ref, at most 256 UTF-8 bytes. Never a selector.',
    },
    accepts: (value) => value === null || isSized(value, 1, 256),
  },
  depth: integer(1, 32),
  diagnosticSource: oneOf('console', 'network'),
  diagnosticLimit: integer(1, 100),
  script: {
    schema: { ...TEXT, description: 'Nonempty page script containing valid Unicode.' },
    accepts: (value) => isUnicode(value) && value !== '',
  },
  fileGrant: {
    schema: { ...TEXT, description: 'Nonempty caller-issued file grant, at most 256 UTF-8 bytes.' },
    accepts: (value) => isSized(value, 1, 256),
  },
};
