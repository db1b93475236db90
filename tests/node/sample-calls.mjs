// Calls of every method of the official client, with arguments made from its declarations.

import path from 'node:path';

/** Deeper members are left out: types refer to themselves. */
const DEEPEST = 5;
/** What a type without a value gives: `null`, a function, a type parameter. */
const NOTHING = Symbol('no value');
/** How the members of unions are chosen, and whether optional members are given. */
const VARIANTS = [
  { isFull: false, choice: 0 },
  { isFull: true, choice: 0 },
  { isFull: true, choice: 1 },
  { isFull: true, choice: 2 },
];

/** Stands for a file in arguments, which are plain data. */
export class SampleFile {
  constructor(name) {
    this.name = name;
  }
}

/** `{ method: ['files', 'create'], given: [...] }` for every method, overload and variant; each call once. */
export function sampleCalls(ts, packageFolder) {
  const file = path.join(packageFolder, 'client.d.ts');
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
    strict: true,
    skipLibCheck: true,
    types: [],
  });
  const source = program.getSourceFile(file);
  const client = source.statements.find((s) => ts.isClassDeclaration(s) && s.name.text === 'OpenAI');
  const sampler = new Sampler(ts, program.getTypeChecker(), source);
  const calls = sampler.resource(sampler.checker.getTypeAtLocation(client), []);
  return [...new Map(calls.map((call) => [JSON.stringify(call), call])).values()];
}

class Sampler {
  constructor(ts, checker, source) {
    this.ts = ts;
    this.checker = checker;
    this.source = source;
  }

  /** Calls of the methods of a resource and of those below it; the client's own are none. */
  resource(type, names) {
    const { ts } = this;
    return this.checker.getPropertiesOfType(type).flatMap((property) => {
      const declaration = property.declarations?.[0];
      const isOfResource = declaration?.getSourceFile().fileName.includes('/resources/');
      const own = this.checker.getTypeOfSymbol(property);
      const leads = own.symbol?.declarations?.[0].getSourceFile().fileName.includes('/resources/');
      const path = [...names, property.name];
      if (declaration && ts.isPropertyDeclaration(declaration)) return leads ? this.resource(own, path) : [];
      if (!declaration || !ts.isMethodDeclaration(declaration) || !isOfResource) return [];
      return own.getCallSignatures().flatMap((signature) => this.method(path, signature));
    });
  }

  method(method, signature) {
    return VARIANTS.map((variant) => {
      const given = [];
      for (const parameter of signature.parameters) {
        const isOptional = Boolean(parameter.valueDeclaration.questionToken);
        if (!variant.isFull && isOptional) break;
        const type = this.checker.getTypeOfSymbolAtLocation(parameter, this.source);
        const value = parameter.name === 'options' ? NOTHING : this.value(type, variant, 0, parameter.name);
        given.push(value === NOTHING ? undefined : value);
      }
      return { method, given };
    });
  }

  value(type, variant, depth, name) {
    const { TypeFlags } = this.ts;
    const has = (flag) => Boolean(type.flags & flag);
    if (depth > DEEPEST || has(TypeFlags.Never | TypeFlags.TypeParameter)) return NOTHING;
    if (has(TypeFlags.Null | TypeFlags.Undefined | TypeFlags.Void)) return NOTHING;
    if (this.isFile(type)) return new SampleFile(`folder/${name} "é".bin`);
    if (has(TypeFlags.BooleanLike)) return type.intrinsicName !== 'false';
    if (has(TypeFlags.Union)) {
      const empty = TypeFlags.Null | TypeFlags.Undefined | TypeFlags.Void;
      const choices = type.types.filter((member) => !(member.flags & empty));
      return this.value(choices[variant.choice % choices.length], variant, depth, name);
    }
    // `string & {}` is any text beside those that are named.
    if (has(TypeFlags.Intersection) && type.types.some((part) => part.flags & TypeFlags.String)) return `${name} of choice`;
    if (has(TypeFlags.StringLiteral | TypeFlags.NumberLiteral)) return type.value;
    if (has(TypeFlags.String)) return `${name} é/1`;
    if (has(TypeFlags.Number)) return 3;
    if (has(TypeFlags.Unknown | TypeFlags.Any)) return { any: 1 };
    return this.object(type, variant, depth, name);
  }

  object(type, variant, depth, name) {
    const { checker, ts } = this;
    if (type.getCallSignatures().length > 0) return NOTHING;
    if (checker.isArrayType(type)) {
      const item = this.value(checker.getTypeArguments(type)[0], variant, depth + 1, name);
      return item === NOTHING ? [] : [item];
    }
    const members = {};
    const other = checker.getIndexTypeOfType(type, ts.IndexKind.String);
    const indexed = other ? this.value(other, variant, depth + 1, 'key') : NOTHING;
    if (indexed !== NOTHING) members['a key'] = indexed;
    for (const property of checker.getPropertiesOfType(type)) {
      const isOptional = Boolean(property.flags & ts.SymbolFlags.Optional);
      if (isOptional && !variant.isFull) continue;
      const inner = checker.getTypeOfSymbolAtLocation(property, this.source);
      const value = this.value(inner, variant, depth + 1, property.name);
      if (value !== NOTHING) members[property.name] = value;
      else if (!isOptional && depth < DEEPEST) members[property.name] = null;
    }
    return members;
  }

  /** `Uploadable`, in a union with what else a member may be, too. */
  isFile(type) {
    const isOne = (member) => ['StreamingFile', 'File', 'BunFile'].includes(member.symbol?.name);
    return type.isUnion() ? type.types.some(isOne) : isOne(type);
  }
}
