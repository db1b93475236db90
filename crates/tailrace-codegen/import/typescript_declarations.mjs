// Facts of declarations: classes, interfaces, aliases, functions and namespaces, with their types as text.

/** A type that forbids or allows this many options by name is a shape of its own, not a type of the API. */
const SHAPE_KEYS = 6;

export class Declarations {
  constructor(ts) {
    this.ts = ts;
    this.printer = ts.createPrinter({ removeComments: true });
    this.found = new Map();
  }

  /** Facts of a statement that declares something. */
  facts(statement, resources) {
    const { ts } = this;
    const facts = this.declaration(statement, resources);
    const isExported = statement.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword);
    return isExported ? facts : { ...facts, local: true };
  }

  declaration(statement, resources) {
    const { ts } = this;
    if (ts.isClassDeclaration(statement)) {
      const resource = resources?.get(statement);
      return resource ? this.resource(statement, resource, resources) : this.class(statement);
    }
    if (ts.isInterfaceDeclaration(statement)) {
      const facts = this.head('interface', statement);
      const parents = (statement.heritageClauses ?? []).flatMap((clause) => clause.types.map((type) => this.text(type)));
      if (parents.length > 0) facts.extends = parents;
      return { ...facts, members: statement.members.map((member) => this.member(member)) };
    }
    if (ts.isTypeAliasDeclaration(statement)) return { ...this.head('alias', statement), type: this.text(statement.type) };
    if (ts.isFunctionDeclaration(statement)) return { ...this.head('function', statement), ...this.signature(statement) };
    if (ts.isModuleDeclaration(statement)) return this.namespace(statement);
    return this.fail(statement, 'a declaration of an unknown form');
  }

  namespace(statement) {
    const { ts } = this;
    const facts = { kind: 'namespace', name: statement.name.text };
    // `namespace A.B` is B inside of A.
    if (ts.isModuleDeclaration(statement.body)) return { ...facts, declarations: [this.namespace(statement.body)] };
    const own = statement.body.statements;
    const exports = own.filter((s) => ts.isExportDeclaration(s)).flatMap((s) => this.exports(s));
    if (exports.length > 0) facts.exports = exports;
    const aliases = own.filter((s) => ts.isImportEqualsDeclaration(s)).map((s) => ({ name: s.name.text, of: this.text(s.moduleReference) }));
    if (aliases.length > 0) facts.aliases = aliases;
    const rest = own.filter((s) => !ts.isExportDeclaration(s) && !ts.isImportEqualsDeclaration(s)).map((s) => this.declaration(s));
    // The same type may be declared twice in a namespace; TypeScript merges the two.
    const distinct = [...new Map(rest.map((d) => [JSON.stringify(d), d])).values()];
    if (distinct.length > 0) facts.declarations = distinct;
    return facts;
  }

  /** The names of an export statement. */
  exports(statement) {
    return statement.exportClause.elements.map((element) => {
      const name = (element.propertyName ?? element.name).text;
      const facts = { name };
      if (element.name.text !== name) facts.as = element.name.text;
      if (!element.isTypeOnly && !statement.isTypeOnly) facts.value = true;
      return facts;
    });
  }

  /** A class that the client leads to: children and methods. */
  resource(statement, resource, resources) {
    const { ts } = this;
    const facts = { ...this.head('class', statement), resource };
    const children = [];
    const methods = {};
    for (const member of statement.members) {
      if (ts.isPropertyDeclaration(member) && ts.isPrivateIdentifier(member.name)) continue;
      if (ts.isPropertyDeclaration(member)) children.push({ name: member.name.text, type: this.text(member.type) });
      else if (ts.isMethodDeclaration(member)) (methods[member.name.text] ??= []).push(this.signature(member));
      else this.fail(member, 'a member of a resource that is neither child nor method');
    }
    const parents = (statement.heritageClauses ?? []).flatMap((clause) => clause.types.map((type) => this.text(type)));
    if (parents.join() !== 'APIResource') this.fail(statement, 'a resource with another parent');
    if (children.length > 0) facts.children = children;
    if (Object.keys(methods).length > 0) facts.methods = methods;
    return facts;
  }

  /** A class that is no resource; what is private is no fact. */
  class(statement) {
    const { ts } = this;
    const facts = this.head('class', statement);
    const [parent] = (statement.heritageClauses ?? []).flatMap((clause) => clause.types.map((type) => this.text(type)));
    if (parent) facts.extends = parent;
    if (this.modifiers(statement).includes('abstract')) facts.abstract = true;
    facts.members = [];
    for (const member of statement.members) {
      const modifiers = this.modifiers(member);
      if (modifiers.includes('private') || (member.name && ts.isPrivateIdentifier(member.name))) continue;
      const isCall = ts.isMethodDeclaration(member) || ts.isConstructorDeclaration(member);
      const own = ts.isConstructorDeclaration(member) ? { name: 'constructor', ...this.signature(member) }
        : isCall ? { name: this.text(member.name), ...this.signature(member) }
        : this.member(member);
      facts.members.push(modifiers.length > 0 ? { ...own, modifiers } : own);
    }
    return facts;
  }

  modifiers(node) {
    const { ts } = this;
    const known = new Set(['abstract', 'protected', 'private', 'static', 'readonly']);
    return (node.modifiers ?? []).map((modifier) => ts.tokenToString(modifier.kind)).filter((name) => known.has(name));
  }

  signature(node) {
    const facts = this.deprecation(node);
    if (node.typeParameters) facts.generics = node.typeParameters.map((parameter) => this.text(parameter));
    facts.parameters = node.parameters.map((parameter) => this.member(parameter));
    if (node.type) facts.returns = this.text(node.type);
    return facts;
  }

  /** A property or a parameter; the method of an interface is a property whose name has the parameters. */
  member(member) {
    const { ts } = this;
    if (ts.isIndexSignatureDeclaration(member)) {
      const [key] = member.parameters;
      return { name: `[${key.name.text}: ${this.text(key.type)}]`, type: this.text(member.type) };
    }
    if (ts.isMethodSignature(member) && !member.typeParameters && !member.questionToken) {
      const parameters = member.parameters.map((parameter) => this.text(parameter)).join(', ');
      return { name: `${this.text(member.name)}(${parameters})`, type: this.text(member.type) };
    }
    const isKnown = ts.isPropertySignature(member) || ts.isParameter(member) || ts.isPropertyDeclaration(member);
    if (!isKnown || !member.type || member.dotDotDotToken) return this.fail(member, 'a member of an unknown form');
    const facts = { name: this.text(member.name), type: this.text(member.type) };
    if (member.questionToken) facts.optional = true;
    return { ...facts, ...this.deprecation(member) };
  }

  /** That something is out of date is a fact; why is prose. */
  deprecation(node) {
    return this.ts.getJSDocDeprecatedTag(node) ? { deprecated: true } : {};
  }

  head(kind, statement) {
    const facts = { kind, name: statement.name.text, ...this.deprecation(statement) };
    if (statement.typeParameters) facts.generics = statement.typeParameters.map((parameter) => this.text(parameter));
    return facts;
  }

  /** Names that types below `nodes` begin with, and names that are exported again. */
  names(nodes) {
    const { ts } = this;
    const found = new Set();
    const first = (name) => (ts.isIdentifier(name) ? name.text : first(name.left ?? name.expression));
    const visit = (node) => {
      const shape = this.shape(node);
      if (shape) {
        if (shape.inner) visit(shape.inner);
        return;
      }
      if (ts.isTypeReferenceNode(node)) found.add(first(node.typeName));
      else if (ts.isExpressionWithTypeArguments(node)) found.add(first(node.expression));
      else if (ts.isTypeQueryNode(node)) found.add(first(node.exprName));
      else if (ts.isExportSpecifier(node)) found.add((node.propertyName ?? node.name).text);
      else if (ts.isImportEqualsDeclaration(node)) found.add(first(node.moduleReference));
      ts.forEachChild(node, visit);
    };
    nodes.forEach(visit);
    return found;
  }

  /** The shapes that were met: name -> option names. */
  shapes() {
    return Object.fromEntries([...this.found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /**
   * `QueryOnly<P>` for `P & ({ [K in options]?: never } | null | undefined)`, and `OptionsOnly` for the type that
   * allows some options and forbids the others. They tell the two forms of a `list` method apart, and repeat the names
   * of all options each time.
   */
  shape(node) {
    const { ts } = this;
    if (!ts.isIntersectionTypeNode(node) || node.types.length !== 2) return undefined;
    const [left, right] = node.types;
    const forbidden = this.keys(right, ts.SyntaxKind.NeverKeyword);
    const allowed = this.keys(left, ts.SyntaxKind.IndexedAccessType);
    if (forbidden && allowed) return this.noteShape(node, 'OptionsOnly', { allowed, forbidden });
    const inner = ts.isParenthesizedTypeNode(right) && ts.isUnionTypeNode(right.type) ? right.type.types : [];
    const keys = inner.length === 3 && this.keys(inner[0], ts.SyntaxKind.NeverKeyword);
    if (!keys) return undefined;
    const name = keys.includes('stream') ? 'QueryOnly' : 'StreamQueryOnly';
    return { ...this.noteShape(node, name, { forbidden: keys }), inner: left };
  }

  noteShape(node, name, keys) {
    const before = this.found.get(name);
    if (before && JSON.stringify(before) !== JSON.stringify(keys)) this.fail(node, `a second form of ${name}`);
    this.found.set(name, keys);
    return { name };
  }

  /** The keys of `{ [K in 'a' | 'b']?: value }`. */
  keys(node, value) {
    const { ts } = this;
    if (!ts.isMappedTypeNode(node) || node.type?.kind !== value) return undefined;
    const { constraint } = node.typeParameter;
    const keys = ts.isUnionTypeNode(constraint) ? constraint.types : [];
    return keys.length >= SHAPE_KEYS ? keys.map((key) => key.literal.text) : undefined;
  }

  /** A node on one line, without comments. */
  text(node) {
    const { ts } = this;
    const replace = (context) => (root) => {
      const visit = (current) => {
        const shape = this.shape(current);
        if (!shape) return ts.visitEachChild(current, visit, context);
        const inner = shape.inner && [ts.visitNode(shape.inner, visit)];
        return ts.factory.createTypeReferenceNode(shape.name, inner);
      };
      return ts.visitNode(root, visit);
    };
    const file = node.getSourceFile();
    const isPlain = !file.text.slice(node.pos, node.end).includes('[K in ');
    const printed = isPlain ? node : ts.transform(node, [replace]).transformed[0];
    const text = this.printer.printNode(ts.EmitHint.Unspecified, printed, file);
    return text.replace(/\s*\n\s*/g, ' ').replace(/; }/g, ' }').replace(/\((QueryOnly<\w+>|StreamQueryOnly<\w+>)\)/g, '$1');
  }

  fail(node, what) {
    const file = node.getSourceFile();
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    throw new Error(`${file.fileName}:${line + 1}: ${what}: ${node.getText().slice(0, 80)}`);
  }
}
