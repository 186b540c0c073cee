import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The names that a package exports, each with the names of its members: of the type, and of what may be called on a class itself. */
export function exportedNames(sourcePath: string): ReadonlyMap<string, readonly string[]> {
  const folder = fileURLToPath(new URL('../..', import.meta.url));
  const file = fileURLToPath(new URL(`../../../../${sourcePath}`, import.meta.url));
  const { config } = ts.readConfigFile(`${folder}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
  const program = ts.createProgram([file], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (source === undefined || module === undefined) throw new Error(`${sourcePath} is no module`);
  const names = new Map<string, readonly string[]>();
  for (const symbol of checker.getExportsOfModule(module)) {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const members = checker.getDeclaredTypeOfSymbol(target).getProperties();
    const statics = target.flags & ts.SymbolFlags.Class ? [...(target.exports?.values() ?? [])] : [];
    names.set(
      symbol.name,
      [...members, ...statics].map(({ name }) => name).filter((name) => !name.startsWith('#')),
    );
  }
  return names;
}
