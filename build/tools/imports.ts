import ts from 'typescript';

export type Import = {
  readonly node: ts.Node;
  readonly specifier: string;
  /** `new URL('./worker.ts', import.meta.url)`: the file starts elsewhere and is not loaded here. */
  readonly startsThread: boolean;
};

/** Every module a file names: import and export declarations, `import()`, import types, URLs of code beside it. */
export function readImports(source: ts.SourceFile): Import[] {
  const imports: Import[] = [];
  const add = (node: ts.Node, specifier: ts.Node | undefined, startsThread = false): void => {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) {
      imports.push({ node, specifier: specifier.text, startsThread });
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node, node.moduleSpecifier);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0]);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal);
    else if (isUrlOfCode(node)) add(node, node.arguments?.[0], true);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return imports;
}

function isUrlOfCode(node: ts.Node): node is ts.NewExpression {
  if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression) || node.expression.text !== 'URL') return false;
  const [path, base] = node.arguments ?? [];
  return (
    path !== undefined &&
    ts.isStringLiteralLike(path) &&
    /^\..*\.m?[jt]s$/.test(path.text) &&
    base?.getText() === 'import.meta.url'
  );
}

export type GlobalUse = { readonly node: ts.Node; readonly name: string };

/** Objects whose members are told apart, because some of them are harmless (`process.platform`, `Math.min`). */
const withMembers = new Set(['Date', 'Math', 'performance', 'process', 'crypto', 'AbortSignal']);

/**
 * Uses of globals as `name`, `object.member`, `new Date()` or `Date()`. A name that the file declares itself is its own;
 * `process` from node:process is the global again, and so are names imported from it.
 */
export function readGlobals(source: ts.SourceFile): GlobalUse[] {
  const own = new Set<string>();
  const uses: GlobalUse[] = [];
  const collect = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && isProcessModule(node.moduleSpecifier)) {
      for (const name of namedImports(node)) uses.push({ node, name: `process.${name}` });
      return;
    }
    if (isNamedDeclaration(node) && node.name !== undefined && ts.isIdentifier(node.name)) own.add(node.name.text);
    ts.forEachChild(node, collect);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !own.has(node.text) && isReference(node)) uses.push(...describeUse(node));
    if (!ts.isTypeNode(node)) ts.forEachChild(node, visit);
  };
  collect(source);
  visit(source);
  return uses;
}

function isProcessModule(specifier: ts.Expression): boolean {
  return ts.isStringLiteral(specifier) && /^(node:)?process$/.test(specifier.text);
}

function namedImports(node: ts.ImportDeclaration): string[] {
  const bindings = node.importClause?.namedBindings;
  if (bindings === undefined || !ts.isNamedImports(bindings)) return [];
  return bindings.elements.map((element) => (element.propertyName ?? element.name).text);
}

function isNamedDeclaration(node: ts.Node): node is ts.NamedDeclaration {
  return (
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isBindingElement(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isImportClause(node) ||
    ts.isImportSpecifier(node) ||
    ts.isNamespaceImport(node)
  );
}

/** Whether the identifier is a value that is read, and not the name of a property, a member or a declaration. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) {
    return parent.expression === node || isGlobalObject(parent.expression);
  }
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (isNamedDeclaration(parent)) return (parent as ts.VariableDeclaration).initializer === node;
  const named = parent as { readonly name?: ts.Node };
  return named.name !== node && !ts.isQualifiedName(parent) && !ts.isImportSpecifier(parent);
}

function isGlobalObject(node: ts.Node): boolean {
  return ts.isIdentifier(node) && (node.text === 'globalThis' || node.text === 'global');
}

function describeUse(node: ts.Identifier): GlobalUse[] {
  const name = node.text;
  if (!withMembers.has(name)) return [{ node, name }];
  // `globalThis.process.env`: the expression that stands for the object is the access, not the identifier.
  const object = ts.isPropertyAccessExpression(node.parent) && node.parent.name === node ? node.parent : node;
  const { parent } = object;
  if (ts.isPropertyAccessExpression(parent) && parent.expression === object) {
    return [{ node, name: `${name}.${parent.name.text}` }];
  }
  if (ts.isElementAccessExpression(parent) && ts.isStringLiteralLike(parent.argumentExpression)) {
    return [{ node, name: `${name}.${parent.argumentExpression.text}` }];
  }
  if (ts.isVariableDeclaration(parent) && ts.isObjectBindingPattern(parent.name)) {
    return parent.name.elements.map((element) => ({
      node,
      name: `${name}.${(element.propertyName ?? element.name).getText()}`,
    }));
  }
  if (ts.isNewExpression(parent) && parent.expression === object && (parent.arguments?.length ?? 0) === 0) {
    return [{ node, name: `new ${name}()` }];
  }
  if (ts.isCallExpression(parent) && parent.expression === object) return [{ node, name: `${name}()` }];
  return [];
}
