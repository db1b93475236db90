/**
 * The types of a structured answer of which not all is there.
 *
 * They are here without their code, and import nothing, so that the public declarations do not carry the classes that read
 * such an answer.
 */

/** An object so far: members and elements that have not come are absent. */
export type DeepPartial<T> = T extends (infer Element)[]
  ? DeepPartial<Element>[]
  : T extends object
    ? { [Name in keyof T]?: DeepPartial<T[Name]> }
    : T;

/** The elements of the array at a path with dots, as far as the type of the answer tells. */
export type ElementAt<T, Path extends string> = Path extends `${infer First}.${infer Rest}`
  ? First extends keyof T
    ? ElementAt<T[First], Rest>
    : unknown
  : Path extends keyof T
    ? T[Path] extends readonly (infer Element)[]
      ? Element
      : unknown
    : unknown;
