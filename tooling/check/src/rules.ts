/** Every rule of the boundaries check with its meaning; each has a fixture that breaks it. */
export const rules = {
  'layer-order': 'A package imports and depends on lower layers only, as the table of layers says.',
  'undeclared-dependency':
    'Every imported package is listed in the own package.json; tests may also use root devDependencies.',
  'foreign-library': 'Layers 0 to 2 use exactly the libraries that the table of layers names.',
  'vendor-sdk': 'Vendor SDKs are named in gemini and adk only.',
  'deep-import':
    'Siblings are imported by a published entry point, own files by a relative path inside the own folder.',
  'pure-source': 'Layer 0 imports nothing of Node and refers to no ambient types.',
  'bundled-source':
    'What is bundled for a browser imports nothing of Node, and nothing is imported between it and the rest.',
  'pure-configuration': 'Layer 0 compiles its source with the shared pure configuration.',
  'default-export': 'Exports are named.',
  'star-export': 'An export list names what it exports.',
  'long-file': 'A file has at most 400 lines.',
  'file-name': 'Files are kebab-case and named after the one thing inside.',
  'package-manifest': 'A published package carries everything a registry and its users need.',
  'private-content': 'No private key, no path of a machine and no registry address is committed.',
} as const;

/** Name of a rule. */
export type Rule = keyof typeof rules;

/** One place that breaks a rule. */
export interface Violation {
  readonly rule: Rule;
  readonly file: string;
  readonly line?: number;
  readonly message: string;
}
