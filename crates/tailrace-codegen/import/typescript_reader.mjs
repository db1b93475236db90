// Reads declaration files from the roots on: a class with the wanted methods, and every type that they reach.

import fs from 'node:fs';
import path from 'node:path';

export class Reader {
  constructor(ts, packageFolder) {
    this.ts = ts;
    this.root = packageFolder;
    const options = {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      skipLibCheck: true,
      types: [],
    };
    // The files of `resources/` that only export others again are reached by nobody, but users import them.
    const resources = fs.readdirSync(path.join(packageFolder, 'resources'), { recursive: true });
    const files = resources.filter((file) => file.endsWith('.d.ts')).sort();
    const roots = files.map((file) => path.join(packageFolder, 'resources', file));
    this.program = ts.createProgram([path.join(packageFolder, 'index.d.ts'), ...roots], options);
    this.checker = this.program.getTypeChecker();
    this.printer = ts.createPrinter({ removeComments: true });
    /** Declaration statements that are kept. */
    this.kept = new Set();
    /** Class declaration -> its resource, wanted methods and wanted children. */
    this.classes = new Map();
  }

  /** Takes the method `chat.completions.create` and what it reaches; resources are found as properties of the client. */
  readOperation(operation) {
    const names = operation.split('.');
    const method = names.pop();
    let declaration = this.clientClass();
    let resource = '';
    for (const name of names) {
      const property = declaration.members.find((m) => this.ts.isPropertyDeclaration(m) && m.name.text === camel(name));
      if (!property) throw new Error(`${operation}: no property \`${name}\` on ${declaration.name.text}`);
      const parent = this.classes.get(declaration);
      const child = this.declarationOf(property.type.typeName);
      if (parent) parent.children[property.name.text] = property.type.typeName;
      resource = resource ? `${resource}.${name}` : name;
      if (!this.classes.has(child)) this.classes.set(child, { resource, methods: new Map(), children: {} });
      this.kept.add(child);
      declaration = child;
    }
    const overloads = declaration.members.filter((m) => this.ts.isMethodDeclaration(m) && m.name.text === camel(method));
    if (overloads.length === 0) throw new Error(`${operation}: no such method on ${declaration.name.text}`);
    this.classes.get(declaration).methods.set(method, overloads);
    overloads.forEach((overload) => this.reach(overload));
  }

  /** Facts of all modules that hold something kept, and of the modules that export it again. */
  facts() {
    const sources = this.program.getSourceFiles().filter((file) => this.moduleOf(file)?.startsWith('resources/'));
    return sources
      .map((file) => this.moduleFacts(file))
      .filter((facts) => facts.declarations.length > 0)
      .sort((a, b) => (a.module < b.module ? -1 : 1));
  }

  clientClass() {
    const file = this.program.getSourceFile(path.join(this.root, 'client.d.ts'));
    return file.statements.find((s) => this.ts.isClassDeclaration(s) && s.name.text === 'OpenAI');
  }

  /** Keeps every declaration below `node` that a name leads to, as long as it stands in a resource module. */
  reach(node) {
    const visit = (current) => {
      const name = this.ts.isTypeReferenceNode(current)
        ? current.typeName
        : this.ts.isExpressionWithTypeArguments(current)
          ? current.expression
          : undefined;
      if (name) {
        const symbol = this.resolve(name);
        for (const declaration of symbol?.declarations ?? []) this.keep(declaration);
      }
      this.ts.forEachChild(current, visit);
    };
    visit(node);
  }

  keep(declaration) {
    const statement = outermost(declaration);
    const isType = this.ts.isInterfaceDeclaration(statement) || this.ts.isTypeAliasDeclaration(statement) || this.ts.isModuleDeclaration(statement);
    if (!isType || this.kept.has(statement) || !this.moduleOf(statement.getSourceFile())?.startsWith('resources/')) return;
    this.kept.add(statement);
    this.reach(statement);
    // An interface and the namespace of the same name are one type for the reader.
    const symbol = this.checker.getSymbolAtLocation(statement.name);
    for (const other of symbol?.declarations ?? []) this.keep(other);
  }

  moduleFacts(file) {
    const { ts } = this;
    const declarations = [];
    this.locals = new Map();
    for (const statement of file.statements) {
      if (ts.isImportDeclaration(statement)) this.noteImports(statement);
      else if (ts.isExportDeclaration(statement)) declarations.push(...this.exportFacts(statement));
      else if (this.kept.has(statement)) declarations.push(...this.declarationFacts(statement));
      else if (ts.isModuleDeclaration(statement) && this.isKeptClass(statement)) {
        declarations.push(...this.declarationFacts(statement));
      }
    }
    const imports = [...this.locals].filter(([name]) => this.isUsed(name, declarations));
    const facts = { module: this.moduleOf(file) };
    if (imports.length > 0) facts.imports = Object.fromEntries(imports.sort(([a], [b]) => (a < b ? -1 : 1)));
    return { ...facts, declarations };
  }

  /** Whether a local name stands in a type, an export or a class of the module, and not only in a string. */
  isUsed(name, declarations) {
    const pattern = new RegExp(`(?<![\\w.'])${name}(?![\\w'])`);
    const look = (value, key) =>
      typeof value === 'string'
        ? ['type', 'returns', 'name', 'extends'].includes(key) && pattern.test(value.replace(/'[^']*'/g, "''"))
        : typeof value === 'object' && value !== null && Object.entries(value).some(([k, v]) => look(v, Array.isArray(value) ? key : k));
    return look(declarations, '');
  }

  noteImports(statement) {
    const from = this.target(statement);
    const bindings = statement.importClause?.namedBindings;
    if (!bindings || from === undefined) return;
    if (this.ts.isNamespaceImport(bindings)) this.locals.set(bindings.name.text, `${from}#*`);
    else {
      for (const element of bindings.elements) {
        this.locals.set(element.name.text, `${from}#${(element.propertyName ?? element.name).text}`);
      }
    }
  }

  /** `export * from`, or `export { ... } from` with those names that are kept. */
  exportFacts(statement) {
    const from = statement.moduleSpecifier && this.target(statement);
    if (!from?.startsWith('resources/')) return [];
    if (!statement.exportClause) {
      const module = this.checker.getSymbolAtLocation(statement.moduleSpecifier);
      const isKept = this.checker.getExportsOfModule(module).some((symbol) => this.isKept(symbol));
      return isKept ? [{ kind: 'export', from }] : [];
    }
    const exports = this.exportNames(statement);
    return exports.length > 0 ? [{ kind: 'export', from, exports }] : [];
  }

  exportNames(statement) {
    const found = [];
    for (const element of statement.exportClause.elements) {
      const symbol = this.checker.getSymbolAtLocation(element.name);
      if (!symbol || !this.isKept(symbol)) continue;
      const local = (element.propertyName ?? element.name).text;
      const facts = { name: local };
      if (element.name.text !== local) facts.as = element.name.text;
      if (!element.isTypeOnly) facts.value = true;
      found.push(facts);
    }
    return found;
  }

  isKept(symbol) {
    const target = symbol.flags & this.ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
    return (target.declarations ?? []).some((declaration) => this.kept.has(declaration));
  }

  isKeptClass(statement) {
    const symbol = this.checker.getSymbolAtLocation(statement.name);
    return (symbol?.declarations ?? []).some((declaration) => this.classes.has(declaration));
  }

  declarationFacts(statement) {
    const { ts } = this;
    const name = statement.name.text;
    if (ts.isClassDeclaration(statement)) return [this.classFacts(statement)];
    if (ts.isInterfaceDeclaration(statement)) {
      const facts = { kind: 'interface', name };
      this.addGenerics(facts, statement);
      const parents = (statement.heritageClauses ?? []).flatMap((clause) => clause.types.map((type) => this.text(type)));
      if (parents.length > 0) facts.extends = parents;
      facts.members = statement.members.map((member) => this.memberFacts(member));
      return [facts];
    }
    if (ts.isTypeAliasDeclaration(statement)) {
      const facts = { kind: 'alias', name };
      this.addGenerics(facts, statement);
      return [{ ...facts, type: this.text(statement.type) }];
    }
    if (ts.isModuleDeclaration(statement)) {
      const facts = { kind: 'namespace', name };
      const exports = statement.body.statements.filter((s) => ts.isExportDeclaration(s)).flatMap((s) => this.exportNames(s));
      if (exports.length > 0) facts.exports = exports;
      const inner = statement.body.statements.filter((s) => !ts.isExportDeclaration(s)).flatMap((s) => this.declarationFacts(s));
      // The same type may be declared twice in a namespace; TypeScript merges the two.
      const distinct = [...new Map(inner.map((d) => [JSON.stringify(d), d])).values()];
      if (distinct.length > 0) facts.declarations = distinct;
      return [facts];
    }
    return this.fail(statement, 'a declaration of an unknown form');
  }

  classFacts(statement) {
    const { resource, methods, children } = this.classes.get(statement);
    const facts = { kind: 'class', name: statement.name.text, resource };
    const own = Object.entries(children).map(([name, type]) => ({ name, type: this.text(type) }));
    if (own.length > 0) facts.children = own.sort((a, b) => (a.name < b.name ? -1 : 1));
    const signature = (overload) => ({
      parameters: overload.parameters.map((parameter) => this.memberFacts(parameter)),
      returns: this.text(overload.type),
    });
    if (methods.size > 0) facts.methods = Object.fromEntries([...methods].map(([name, list]) => [name, list.map(signature)]));
    return facts;
  }

  memberFacts(member) {
    const { ts } = this;
    if (ts.isIndexSignatureDeclaration(member)) {
      const [key] = member.parameters;
      return { name: `[${key.name.text}: ${this.text(key.type)}]`, type: this.text(member.type) };
    }
    if (!(ts.isPropertySignature(member) || ts.isParameter(member)) || !member.type) return this.fail(member, 'a member without a type');
    const facts = { name: this.text(member.name), type: this.text(member.type) };
    if (member.questionToken) facts.optional = true;
    return facts;
  }

  addGenerics(facts, statement) {
    if (statement.typeParameters) facts.generics = statement.typeParameters.map((parameter) => this.text(parameter));
  }

  /** A node on one line, without comments. */
  text(node) {
    const text = this.printer.printNode(this.ts.EmitHint.Unspecified, node, node.getSourceFile());
    return text.replace(/\s*\n\s*/g, ' ').replace(/; }/g, ' }');
  }

  resolve(name) {
    const symbol = this.checker.getSymbolAtLocation(name);
    return symbol && symbol.flags & this.ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  declarationOf(name) {
    return this.resolve(name).declarations.find((declaration) => this.ts.isClassDeclaration(declaration));
  }

  target(statement) {
    const symbol = this.checker.getSymbolAtLocation(statement.moduleSpecifier);
    const file = symbol?.declarations?.[0];
    return file && this.moduleOf(file.getSourceFile());
  }

  /** Path of a file of the package without extension; nothing for files of others. */
  moduleOf(file) {
    const relative = path.relative(this.root, file.fileName).split(path.sep).join('/');
    return relative.startsWith('..') ? undefined : relative.replace(/\.d\.m?ts$/, '');
  }

  fail(node, what) {
    const file = node.getSourceFile();
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    throw new Error(`${file.fileName}:${line + 1}: ${what}: ${this.text(node).slice(0, 80)}`);
  }
}

/** The statement of a file that holds a declaration, however deep. */
function outermost(declaration) {
  let node = declaration;
  while (node.parent?.parent) node = node.parent;
  return node;
}

function camel(name) {
  return name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}
