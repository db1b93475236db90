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

/**
 * The elements of the array at a path, names with dots between (`plan.steps`) or a JSON pointer (`/plan/steps`), as far as the
 * type of the answer tells; `unknown` where it does not.
 */
export type ElementAt<T, Path extends string> = Path extends `/${infer Pointer}`
  ? ElementBelow<T, Pointer, '/'>
  : Path extends ''
    ? Element<T>
    : ElementBelow<T, Path, '.'>;

type ElementBelow<T, Path extends string, Mark extends '/' | '.'> = Path extends `${infer First}${Mark}${infer Rest}`
  ? ElementBelow<Member<T, Name<First, Mark>>, Rest, Mark>
  : Element<Member<T, Name<Path, Mark>>>;

/** A step of a path as the name that it stands for. */
type Name<Step extends string, Mark> = Mark extends '/' ? Unescaped<Step> : Step;

/** A step of a JSON pointer, in which `~1` stands for a slash and `~0` for a tilde. */
type Unescaped<Step extends string> = Step extends `${infer Before}~${infer Code}${infer After}`
  ? Code extends '1'
    ? `${Before}/${Unescaped<After>}`
    : Code extends '0'
      ? `${Before}~${Unescaped<After>}`
      : `${Before}~${Unescaped<`${Code}${After}`>}`
  : Step;

/** What a name, an index or `*` leads to; members that may be absent or null lead on. */
type Member<T, Name extends string> = T extends null | undefined
  ? never
  : Name extends keyof T
    ? T[Name]
    : T extends readonly (infer Item)[]
      ? Name extends `${number}` | '*'
        ? Item
        : unknown
      : Name extends '*'
        ? T[keyof T]
        : unknown;

type Element<T> = [T] extends [never]
  ? unknown
  : T extends null | undefined
    ? never
    : T extends readonly (infer Item)[]
      ? Item
      : unknown;
