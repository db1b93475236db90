/** What is looked at of a schema of zod 3. */

/** A check of a string or number. */
export interface Check {
  kind: string;
  value?: unknown;
  inclusive?: boolean;
  regex?: RegExp;
  version?: string;
}

/** The definition of a schema: which kind it is, and what it is made of. */
export interface Def {
  typeName: string;
  description?: string;
  checks?: Check[];
  coerce?: boolean;
  value?: unknown;
  values?: unknown;
  type?: Zod3Schema;
  innerType?: Zod3Schema;
  schema?: Zod3Schema;
  in?: Zod3Schema;
  out?: Zod3Schema;
  left?: Zod3Schema;
  right?: Zod3Schema;
  keyType?: Zod3Schema;
  valueType?: Zod3Schema;
  rest?: Zod3Schema | null;
  items?: Zod3Schema[];
  options?: Zod3Schema[] | Map<unknown, Zod3Schema>;
  catchall?: Zod3Schema;
  unknownKeys?: string;
  minLength?: { value: number } | null;
  maxLength?: { value: number } | null;
  exactLength?: { value: number } | null;
  minSize?: { value: number } | null;
  maxSize?: { value: number } | null;
  getter?: () => Zod3Schema;
  shape?: () => Record<string, Zod3Schema>;
  defaultValue?: () => unknown;
}

export interface Zod3Schema {
  _def: Def;
  isOptional(): boolean;
  isNullable(): boolean;
}

/** The branches of a union of either kind. */
export function branches(def: Def): Zod3Schema[] {
  const { options = [] } = def;
  return options instanceof Map ? [...options.values()] : [...options];
}

/** The numbers and strings that a native enum stands for, without the names that TypeScript maps numbers back to. */
export function enumValues(values: Record<string, string | number>): (string | number)[] {
  const names = Object.keys(values).filter((name) => typeof values[values[name]!] !== 'number');
  return names.map((name) => values[name]!);
}
