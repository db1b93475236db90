// Compares all that the declarations of the official npm package offer with ours: prints every difference.
//
//   node surface.mjs NODE_MODULES
//
// The folder holds `typescript` 5 and `openai`. Both packages are read by the compiler; nothing of them is copied.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
/** What `npm run build` writes: the declarations that users get. */
export const OURS = path.join(root, 'node/dist/esm');
/** Folders of the official package that are not for users: its own insides, and sources for debuggers. */
const HIDDEN = ['internal/', '_vendor/', 'src/'];

/** What only ours has: members of options and errors, and a type beside the official ones of a timeout. */
const OWN = JSON.parse(fs.readFileSync(path.join(root, 'tests/surface/own-node.json'), 'utf8'));

/** Every difference as `{ place, what }`, and the number of exported names that were compared. */
export function compare(modulesFolder) {
  const require = createRequire(path.join(modulesFolder, 'tools.js'));
  const ts = require('typescript');
  const theirs = path.dirname(require.resolve('openai/version'));
  const modules = declarations(theirs).filter((file) => !HIDDEN.some((folder) => file.startsWith(folder)));
  const files = modules.flatMap((file) => [path.join(theirs, file), path.join(OURS, file)]);
  const program = ts.createProgram(
    files.filter((file) => fs.existsSync(file)),
    {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
      // The packages that the official one may be used with are not installed; their names resolve to nothing.
      // But for `ws`, whose types both name.
      paths: { ws: [path.join(root, 'node_modules/@types/ws/index.d.ts')] },
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.asynciterable.d.ts', 'lib.esnext.disposable.d.ts'],
    },
  );
  const comparison = new Comparison(ts, program.getTypeChecker());
  for (const file of modules) {
    const place = file.replace(/\.d\.ts$/, '');
    const ours = program.getSourceFile(path.join(OURS, file));
    if (!ours) comparison.add(place, 'no such module');
    else comparison.module(place, program.getSourceFile(path.join(theirs, file)), ours);
  }
  return { differences: comparison.found, compared: comparison.compared.size };
}

function declarations(folder) {
  const files = fs.readdirSync(folder, { recursive: true }).map((file) => file.replaceAll(path.sep, '/'));
  return files.filter((file) => file.endsWith('.d.ts') && !file.includes('node_modules/')).sort();
}

class Comparison {
  found = [];
  /** Symbols that were compared, so that what many modules export again is compared once. */
  compared = new Set();

  constructor(ts, checker) {
    this.ts = ts;
    this.checker = checker;
  }

  add(place, what) {
    this.found.push({ place, what });
  }

  module(place, theirs, ours) {
    const symbols = [theirs, ours].map((source) => this.checker.getSymbolAtLocation(source));
    // A script without exports has nothing to compare.
    if (symbols[0]) this.exports(`${place}#`, symbols[0], symbols[1]);
  }

  exports(prefix, theirs, ours) {
    const offered = ours ? byName(this.checker.getExportsOfModule(ours)) : new Map();
    for (const symbol of this.checker.getExportsOfModule(theirs)) {
      if (symbol.name === 'prototype') continue;
      const mine = offered.get(symbol.name);
      if (mine) this.symbol(`${prefix}${symbol.name}`, this.resolved(symbol), this.resolved(mine));
      else this.add(`${prefix}${symbol.name}`, 'missing');
    }
  }

  resolved(symbol) {
    return symbol.flags & this.ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  symbol(place, theirs, ours) {
    if (this.compared.has(theirs)) return;
    this.compared.add(theirs);
    const { SymbolFlags } = this.ts;
    for (const [kind, flag] of [['type', SymbolFlags.Type], ['value', SymbolFlags.Value]]) {
      if (theirs.flags & flag && !(ours.flags & flag)) this.add(place, `no ${kind}, as the official one is`);
    }
    if (theirs.flags & ours.flags & SymbolFlags.Type) {
      const types = [theirs, ours].map((symbol) => this.checker.getDeclaredTypeOfSymbol(symbol));
      if (theirs.flags & (SymbolFlags.Class | SymbolFlags.Interface)) this.members(place, ...types);
      else this.type(place, ...types, true);
    }
    if (theirs.flags & ours.flags & SymbolFlags.Value) {
      const types = [theirs, ours].map((symbol) => this.checker.getTypeOfSymbol(symbol));
      if (theirs.flags & SymbolFlags.Class) this.statics(place, ...types);
      else this.type(place, ...types, false);
    }
    if (theirs.flags & SymbolFlags.Module) {
      this.exports(`${place}.`, theirs, ours.flags & SymbolFlags.Module ? ours : undefined);
    }
  }

  /** The constructor and the static members of a class; what is exported from its namespace comes by itself. */
  statics(place, theirs, ours) {
    const own = ({ flags }) => !(flags & (this.ts.SymbolFlags.Class | this.ts.SymbolFlags.Type));
    this.signatures(`new ${place}`, theirs.getConstructSignatures(), ours.getConstructSignatures());
    this.properties(`${place}::`, theirs.getProperties().filter(own), ours);
  }

  members(place, theirs, ours) {
    this.properties(`${place}.`, theirs.getProperties(), ours);
    this.signatures(place, theirs.getCallSignatures(), ours.getCallSignatures());
    for (const info of this.checker.getIndexInfosOfType(theirs)) {
      const key = this.text(info.keyType);
      const offered = this.checker.getIndexInfosOfType(ours).map((mine) => this.text(mine.keyType));
      if (!offered.includes(key)) this.add(place, `no index by ${key}`);
    }
  }

  properties(prefix, list, ours) {
    const { SymbolFlags } = this.ts;
    const offered = new Map(ours.getProperties().map((property) => [property.escapedName, property]));
    for (const property of list) {
      if (property.name === 'prototype' || !this.isPublic(property)) continue;
      const place = `${prefix}${property.name.replace(/^__@(\w+)@\d+$/, '[$1]')}`;
      // `getProperty` escapes the name once more, so it does not find `[Symbol.asyncIterator]`.
      const mine = offered.get(property.escapedName);
      if (!mine) {
        this.add(place, 'missing');
        continue;
      }
      const optional = [property, mine].map(({ flags }) => Boolean(flags & SymbolFlags.Optional));
      if (optional[0] !== optional[1]) this.add(place, optional[0] ? 'is optional officially' : 'is optional in ours');
      const types = [property, mine].map((symbol) => this.checker.getTypeOfSymbol(symbol));
      this.type(place, ...types, false);
    }
  }

  isPublic(symbol) {
    const { ModifierFlags } = this.ts;
    const flags = symbol.valueDeclaration ? this.ts.getCombinedModifierFlags(symbol.valueDeclaration) : 0;
    // Names that begin with an underscore are the package's own by convention; `#private` is in the declarations by name.
    return !(flags & (ModifierFlags.Private | ModifierFlags.Protected)) && !/^(_|__#)/.test(symbol.escapedName.replace(/^__@/, ''));
  }

  /** Compares two types by their functions or, for anything else, by their text and then by what can be assigned. */
  type(place, theirs, ours, isAlias) {
    const calls = [theirs, ours].map((type) => type.getCallSignatures());
    if (calls[0].length && !theirs.getProperties().length) return this.signatures(place, ...calls);
    const flags = isAlias ? this.ts.TypeFormatFlags.InTypeAlias : 0;
    if (!this.isSame(theirs, ours, flags)) {
      this.add(place, `official ${this.text(theirs, flags)}, ours ${this.text(ours, flags)}`);
    }
    return undefined;
  }

  isSame(theirs, ours, flags = 0) {
    if (this.text(theirs, flags) === official(this.text(ours, flags))) return true;
    const isAny = [theirs, ours].map(({ flags: bits }) => Boolean(bits & this.ts.TypeFlags.Any));
    if (isAny[0] !== isAny[1]) return false;
    const isBoth = this.checker.isTypeAssignableTo(theirs, ours) && this.checker.isTypeAssignableTo(ours, theirs);
    return isBoth || this.hasSameMembers(theirs, ours);
  }

  /** Whether two object types have the same members. A class with private members is of no type but its own, so that no
   * two packages have types that can be assigned; the names of their classes decide here. */
  hasSameMembers(theirs, ours) {
    const parts = [theirs, ours].map((type) => {
      const object = this.checker.getNonNullableType(type);
      if (!(object.flags & (this.ts.TypeFlags.Object | this.ts.TypeFlags.Intersection))) return undefined;
      const properties = this.checker.getPropertiesOfType(object);
      const shared = type === ours ? properties.filter(({ name }) => !OWN.members.includes(name)) : properties;
      const members = shared.map((member) => {
        const optional = member.flags & this.ts.SymbolFlags.Optional ? '?' : '';
        return `${member.name}${optional}: ${official(this.text(this.checker.getTypeOfSymbol(member)))}`;
      });
      return [object === type ? 'required' : 'optional', ...members.sort()].join('; ');
    });
    return parts[0] !== undefined && parts[0].includes(': ') && parts[0] === parts[1];
  }

  signatures(place, theirs, ours) {
    if (theirs.length !== ours.length) this.add(place, `official ${theirs.length} signatures, ours ${ours.length}`);
    theirs.slice(0, ours.length).forEach((signature, at) => {
      const name = theirs.length > 1 ? `${place} (${at + 1})` : place;
      const lists = [signature, ours[at]].map((one) => one.getParameters());
      const shapes = lists.map((list) => list.map((symbol) => this.parameter(symbol)).join(', '));
      const pairs = lists[0].map((symbol, index) => [symbol, lists[1][index]]);
      const same = pairs.every(([one, other]) => other && this.isSame(...[one, other].map((symbol) => this.checker.getTypeOfSymbol(symbol))));
      if (shapes[0] !== shapes[1] || !same) {
        const [official, mine] = lists.map((list) => list.map((symbol) => `${this.parameter(symbol)}: ${this.text(this.checker.getTypeOfSymbol(symbol))}`).join(', '));
        this.add(name, `official (${official}), ours (${mine})`);
      }
      const results = [signature, ours[at]].map((one) => one.getReturnType());
      if (!this.isSame(...results)) {
        this.add(name, `official returns ${this.text(results[0])}, ours ${this.text(results[1])}`);
      }
    });
  }

  /** The name of a parameter with what callers see of its form. */
  parameter(symbol) {
    const declaration = symbol.valueDeclaration;
    if (!declaration || !this.ts.isParameter(declaration)) return symbol.name;
    const optional = this.checker.isOptionalParameter(declaration) ? '?' : '';
    return `${declaration.dotDotDotToken ? '...' : ''}${symbol.name}${optional}`;
  }

  /** A type as text, without the paths of modules. */
  text(type, flags = 0) {
    const all = this.ts.TypeFormatFlags.NoTruncation | flags;
    return this.checker.typeToString(type, undefined, all).replace(/import\("[^"]*"\)\./g, '');
  }
}

/** The text of a type of ours without the types that only ours has. */
function official(text) {
  return OWN.types.reduce((rest, name) => rest.replaceAll(` | ${name}`, ''), text);
}

function byName(symbols) {
  return new Map(symbols.map((symbol) => [symbol.name, symbol]));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { differences, compared } = compare(path.resolve(process.argv[2]));
  for (const { place, what } of differences) console.log(`${place}: ${what}`);
  console.error(`${compared} exported names compared, ${differences.length} differences`);
}
