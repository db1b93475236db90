/** Puts events together of which only the values crossed that differ from the event before. */

type Key = string | number;
type Container = Record<Key, unknown>;

/** An object or array of the example, and which of its members are made anew for each event. */
interface Part {
  example: Container | unknown[];
  keys: Key[];
  /** For each key the object or array to make, or the number of the gap whose value it has. */
  members: (Part | number)[];
}

/** An event with gaps. */
export class Pattern {
  /** How many values an event has. */
  readonly gaps: number;
  readonly #root: Part | number | undefined;
  readonly #example: unknown;

  /** @param definition - The example, and for each gap the keys and indexes that lead to it. */
  constructor(definition: unknown[]) {
    const paths = definition.slice(1) as Key[][];
    this.gaps = paths.length;
    this.#example = definition[0];
    this.#root = partOf(this.#example, paths.map((path, gap) => ({ path, gap })), 0);
  }

  /** The event whose values start at `at`. Nothing in it is shared with another event. */
  build(values: unknown[], at: number): unknown {
    const root = this.#root;
    if (root === undefined) return this.#example;
    return typeof root === 'number' ? values[at + root] : made(root, values, at);
  }
}

interface Gap {
  path: Key[];
  gap: number;
}

/** The part for `example`, which `depth` keys of each path lead to; `undefined` for a scalar that is always the same. */
function partOf(example: unknown, gaps: Gap[], depth: number): Part | number | undefined {
  const here = gaps.find(({ path }) => path.length === depth);
  if (here !== undefined) return here.gap;
  if (typeof example !== 'object' || example === null) return undefined;
  const part: Part = { example: example as Container, keys: [], members: [] };
  for (const [name, value] of Object.entries(example)) {
    const key = Array.isArray(example) ? Number(name) : name;
    const inside = gaps.filter(({ path }) => path[depth] === key);
    const member = partOf(value, inside, depth + 1);
    if (member === undefined) continue;
    part.keys.push(key);
    part.members.push(member);
  }
  return part;
}

function made(part: Part, values: unknown[], at: number): unknown {
  const { example, keys, members } = part;
  // A copy has all members in their order, so that those that are set below are in place.
  const value = Array.isArray(example) ? example.slice() : { ...example };
  for (let index = 0; index < keys.length; index++) {
    const member = members[index] as Part | number;
    (value as Container)[keys[index] as Key] = typeof member === 'number' ? values[at + member] : made(member, values, at);
  }
  return value;
}
