import ts from 'typescript';

/** Something found at a line (1-based) of a source file. */
export interface Located<T> {
  readonly value: T;
  readonly line: number;
}

/** What the rules want to know of one source file. */
export interface SourceFileFacts {
  /** Module specifiers of every import, re-export, dynamic import, import type and `require`. */
  readonly imports: readonly Located<string>[];
  readonly defaultExports: readonly Located<string>[];
  /** `export * from` without a name. */
  readonly starExports: readonly Located<string>[];
  /** `/// <reference types="…" />` and the like. */
  readonly references: readonly Located<string>[];
}

function moduleSpecifier(node: ts.Node): string | undefined {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
    return ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : undefined;
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return ts.isStringLiteral(node.argument.literal) ? node.argument.literal.text : undefined;
  }
  if (ts.isExternalModuleReference(node) && ts.isStringLiteralLike(node.expression)) return node.expression.text;
  if (ts.isCallExpression(node)) {
    const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
    const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require';
    const [argument] = node.arguments;
    if ((isImport || isRequire) && argument && ts.isStringLiteralLike(argument)) return argument.text;
  }
  return undefined;
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportSpecifier(node)) return node.name.text === 'default';
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((m) => m.kind === ts.SyntaxKind.DefaultKeyword)
  );
}

/** Parses one TypeScript file; needs no program and no type information. */
export function readSourceFileFacts(path: string, text: string): SourceFileFacts {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const at = <T>(value: T, position: number): Located<T> => ({
    value,
    line: source.getLineAndCharacterOfPosition(position).line + 1,
  });
  const imports: Located<string>[] = [];
  const defaultExports: Located<string>[] = [];
  const starExports: Located<string>[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = moduleSpecifier(node);
    if (specifier !== undefined) imports.push(at(specifier, node.getStart(source)));
    if (ts.isExportDeclaration(node) && !node.exportClause)
      starExports.push(at(specifier ?? '', node.getStart(source)));
    if (isDefaultExport(node)) defaultExports.push(at('default', node.getStart(source)));
    ts.forEachChild(node, visit);
  };
  visit(source);
  const references = [
    ...source.typeReferenceDirectives,
    ...source.libReferenceDirectives,
    ...source.referencedFiles,
  ].map((reference) => at(reference.fileName, reference.pos));
  return { imports, defaultExports, starExports, references };
}
