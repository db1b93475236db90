// Reads the declaration files of a package: which modules there are, what they import, and where the client leads.

import fs from 'node:fs';
import path from 'node:path';
import { Declarations } from './typescript_declarations.mjs';

export class Reader {
  constructor(ts, packageFolder) {
    this.ts = ts;
    this.root = packageFolder;
    const resources = fs.readdirSync(path.join(packageFolder, 'resources'), { recursive: true });
    const files = resources.filter((file) => file.endsWith('.d.ts')).map((file) => path.join('resources', file));
    // The root of the resources stands beside the folder.
    this.files = [...files, 'resources.d.ts'].map((file) => path.join(packageFolder, file)).sort();
    this.program = ts.createProgram([path.join(packageFolder, 'client.d.ts'), ...this.files], {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      skipLibCheck: true,
      types: [],
    });
    this.checker = this.program.getTypeChecker();
    this.declarations = new Declarations(ts);
    /** Class declaration -> dotted resource, for every class that the client leads to. */
    this.resources = new Map();
    this.noteResources(this.clientClass(), '');
  }

  /** Facts of all modules of resources. */
  modules() {
    const sources = this.files.filter((file) => !file.endsWith('/resources.d.ts')).map((file) => this.program.getSourceFile(file));
    return sources.map((file) => this.moduleFacts(file));
  }

  /** What the client offers: its resources, and the names of its namespace that are resources or their types. */
  client() {
    const { ts } = this;
    const children = this.clientClass()
      .members.filter((member) => ts.isPropertyDeclaration(member) && this.childClass(member))
      .map((member) => ({ name: member.name.text, type: this.declarations.text(member.type) }));
    const file = this.program.getSourceFile(path.join(this.root, 'client.d.ts'));
    const namespace = file.statements.find((s) => ts.isModuleDeclaration(s) && s.name.text === 'OpenAI');
    const isStatic = (member) => member.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.StaticKeyword);
    const members = this.clientClass().members.filter((member) => isStatic(member));
    const statics = members.map((member) => this.declarations.member(member));
    const imports = this.imports(file, this.declarations.names([...members, ...this.childTypes(), namespace]));
    return { imports, statics, children, namespace: this.declarations.namespace(namespace) };
  }

  /** The shapes that signatures name instead of repeating them. */
  shapes() {
    return this.declarations.shapes();
  }

  childTypes() {
    return this.clientClass().members.filter((member) => this.childClass(member));
  }

  clientClass() {
    const file = this.program.getSourceFile(path.join(this.root, 'client.d.ts'));
    return file.statements.find((s) => this.ts.isClassDeclaration(s) && s.name.text === 'OpenAI');
  }

  noteResources(declaration, resource) {
    for (const member of declaration.members) {
      const child = this.childClass(member);
      if (!child || this.resources.has(child)) continue;
      const name = snake(member.name.text);
      this.resources.set(child, resource ? `${resource}.${name}` : name);
      this.noteResources(child, this.resources.get(child));
    }
  }

  /** The resource class that a property leads to, or nothing. */
  childClass(member) {
    const { ts } = this;
    if (!ts.isPropertyDeclaration(member) || !member.type || !ts.isTypeReferenceNode(member.type)) return undefined;
    const symbol = this.checker.getSymbolAtLocation(member.type.typeName);
    const target = symbol && symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
    const found = target?.declarations?.find((declaration) => ts.isClassDeclaration(declaration));
    return found && this.moduleOf(found.getSourceFile())?.startsWith('resources/') ? found : undefined;
  }

  moduleFacts(file) {
    const { ts } = this;
    const declarations = [];
    const used = [];
    for (const statement of file.statements) {
      if (ts.isImportDeclaration(statement)) continue;
      if (ts.isExportDeclaration(statement)) {
        declarations.push(...this.exportFacts(statement));
        if (!statement.moduleSpecifier) used.push(statement);
        continue;
      }
      declarations.push(this.declarations.facts(statement, this.resources));
      used.push(statement);
    }
    const imports = this.imports(file, this.declarations.names(used));
    const facts = { module: this.moduleOf(file) };
    if (Object.keys(imports).length > 0) facts.imports = imports;
    return { ...facts, declarations };
  }

  /** `export * from`, `export { ... } from` and `export { ... }`; `export {}` says nothing. */
  exportFacts(statement) {
    const facts = { kind: 'export' };
    if (statement.moduleSpecifier) facts.from = this.target(statement);
    if (!statement.exportClause) return [facts];
    const exports = this.declarations.exports(statement);
    return exports.length > 0 ? [{ ...facts, exports }] : [];
  }

  /** Local name -> `module#Name`, for those of `used`; `module#*` is the module itself. */
  imports(file, used) {
    const found = {};
    for (const statement of file.statements) {
      const bindings = this.ts.isImportDeclaration(statement) && statement.importClause?.namedBindings;
      if (!bindings) continue;
      const from = this.target(statement);
      const isWhole = this.ts.isNamespaceImport(bindings);
      for (const element of isWhole ? [bindings] : bindings.elements) {
        const name = isWhole ? '*' : (element.propertyName ?? element.name).text;
        if (used.has(element.name.text)) found[element.name.text] = `${from}#${name}`;
      }
    }
    return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The module that a statement names: a path of this package, or `npm:` and the name of another one. */
  target(statement) {
    const { text } = statement.moduleSpecifier;
    if (!text.startsWith('.')) return `npm:${text}`;
    const folder = path.dirname(this.moduleOf(statement.getSourceFile()));
    return path.posix.join(folder, text).replace(/\.m?js$/, '');
  }

  /** Path of a file of the package without extension; nothing for files of others. */
  moduleOf(file) {
    const relative = path.relative(this.root, file.fileName).split(path.sep).join('/');
    return relative.startsWith('..') ? undefined : relative.replace(/\.d\.m?ts$/, '');
  }
}

/** `adminAPIKeys` is `admin_api_keys`. */
function snake(name) {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}
