/** Forms with files in them: from objects to fields in the order in which they are sent. */

import { fileName } from './file-name.js';
import { isStreamingFile, type BlobPart } from './streaming-file.js';
import { isAsyncIterable, isResponseLike, UNKNOWN_FILE } from './to-file.js';

/** How a form is made. */
export interface FormOptions {
  /** Whether file names lose their folders; default true. */
  stripFilenames?: boolean | undefined;
}

/** A field of text. */
export interface TextField {
  readonly name: string;
  readonly text: string;
}

/** A field with a file. */
export interface FileField {
  readonly name: string;
  readonly filename: string;
  readonly type: string;
  readonly data: Blob | AsyncIterable<BlobPart>;
}

/** A request body of fields. */
export class Form {
  readonly fields: readonly (TextField | FileField)[];

  constructor(fields: readonly (TextField | FileField)[]) {
    this.fields = fields;
  }

  /** The first field of text with this name. */
  text(name: string): string | undefined {
    const field = this.fields.find((each): each is TextField => each.name === name && 'text' in each);
    return field?.text;
  }

  /** Whether some of it can be read only once. Such a form has no length and is not retried. */
  get isStreaming(): boolean {
    return this.fields.some((field) => 'data' in field && !(field.data instanceof Blob));
  }
}

const BINARY = 'application/octet-stream';

/**
 * The form of an object: names with brackets for nesting, files as they are.
 *
 * @throws {TypeError} A member cannot stand in a form; the message names it.
 */
export async function formOf(body: unknown, { stripFilenames = true }: FormOptions = {}): Promise<Form> {
  const fields: Fields = [];
  const entries = Object.entries(body ?? {});
  if (hasStream(body)) {
    // What is read while it is sent comes in the order in which it was given.
    for (const [name, value] of entries) await add(fields, name, value, stripFilenames, true);
  } else {
    await Promise.all(entries.map(([name, value]) => add(fields, name, value, stripFilenames, false)));
  }
  return new Form(fields);
}

/** The fields of a `FormData`. */
export function formOfData(data: FormData): Form {
  const fields = [...data].map(([name, value]): TextField | FileField =>
    typeof value === 'string'
      ? { name, text: value }
      : { name, filename: value.name, type: value.type || BINARY, data: value },
  );
  return new Form(fields);
}

type Fields = (TextField | FileField)[];

/**
 * Adds a value. Without `isOrdered` the fields come in the official order, in which a list, and a `Response`, which has
 * to be read, come after what is there at once.
 */
async function add(
  fields: Fields,
  name: string,
  value: unknown,
  isStripped: boolean,
  isOrdered: boolean,
): Promise<void> {
  if (value === undefined) return;
  if (value === null) {
    throw new TypeError(`Received null for "${name}"; to pass null in FormData, you must use the string 'null'`);
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    fields.push({ name, text: String(value) });
  } else if (isResponseLike(value)) {
    const blob = (await value.blob()) as Blob;
    fields.push(file(name, fileName(value, isStripped) ?? UNKNOWN_FILE, blob.type, blob));
  } else if (isStreamingFile(value)) {
    const filename = fileName({ name: value.name }, isStripped) ?? value.name;
    fields.push(file(name, filename, value.type, value.data as AsyncIterable<BlobPart>));
  } else if (value instanceof Blob) {
    fields.push(file(name, fileName(value, isStripped) ?? (value instanceof File ? '' : 'blob'), value.type, value));
  } else if (isAsyncIterable(value)) {
    const data = value as AsyncIterable<BlobPart>;
    fields.push(file(name, fileName(value, isStripped) ?? UNKNOWN_FILE, undefined, data));
  } else if (Array.isArray(value)) {
    const parts = value.map(async (item) => {
      const part: Fields = [];
      await add(part, `${name}[]`, item, isStripped, isOrdered);
      return part;
    });
    fields.push(...(await Promise.all(parts)).flat());
  } else if (typeof value === 'object') {
    const entries = Object.entries(value);
    if (isOrdered) for (const [key, item] of entries) await add(fields, `${name}[${key}]`, item, isStripped, true);
    else await Promise.all(entries.map(([key, item]) => add(fields, `${name}[${key}]`, item, isStripped, false)));
  } else {
    throw new TypeError(
      `Invalid value given to form, expected a string, number, boolean, object, Array, File or Blob but got ` +
        `${String(value)} instead`,
    );
  }
}

function file(name: string, filename: string, type: string | undefined, data: FileField['data']): FileField {
  return { name, filename, type: type || BINARY, data };
}

function hasStream(value: unknown): boolean {
  if (value instanceof Blob || isResponseLike(value)) return false;
  if (isAsyncIterable(value) || isStreamingFile(value)) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasStream);
}
