/** What one published package may import from its `src`; its tests may use every lower layer it declares. */
export interface PackageRule {
  readonly layer: number;
  /** Names under `@agentao/`. */
  readonly siblings: readonly string[];
  /** Allowed specifiers (with their subpaths), or whatever the package's own manifest lists. */
  readonly externals: readonly string[] | 'declared';
  /**
   * Folders whose code is bundled into what the package ships and runs in a browser: it may use devDependencies and, alone
   * in the package, siblings. Nothing is imported across their border.
   */
  readonly bundled?: readonly string[];
}

const pure = ['protocol', 'audio', 'clock'];
const upToTransport = [...pure, 'transport'];
const upToBusiness = [...upToTransport, 'calls', 'switch', 'agent', 'business'];

/** The one table of layers. A package that is not in it fails the check. */
export const packageRules: ReadonlyMap<string, PackageRule> = new Map<string, PackageRule>([
  ['protocol', { layer: 0, siblings: [], externals: ['zod/mini'] }],
  ['audio', { layer: 0, siblings: [], externals: [] }],
  ['clock', { layer: 0, siblings: [], externals: [] }],
  ['transport', { layer: 1, siblings: ['protocol', 'clock'], externals: ['ws'] }],
  ['calls', { layer: 2, siblings: upToTransport, externals: ['rxjs', '@opentelemetry/api'] }],
  ['switch', { layer: 2, siblings: upToTransport, externals: ['@opentelemetry/api'] }],
  ['agent', { layer: 3, siblings: [...pure, 'calls'], externals: 'declared' }],
  ['business', { layer: 3, siblings: ['clock', 'calls'], externals: 'declared' }],
  ['gemini', { layer: 4, siblings: ['agent', 'audio', 'clock'], externals: 'declared' }],
  ['adk', { layer: 4, siblings: ['agent', 'audio', 'clock', 'calls'], externals: 'declared' }],
  [
    'console',
    { layer: 4, siblings: ['protocol', 'audio'], externals: 'declared', bundled: ['src/page', 'src/worklet'] },
  ],
  ['testing', { layer: 4, siblings: upToBusiness, externals: 'declared' }],
  ['cli', { layer: 5, siblings: [...upToBusiness, 'console', 'testing'], externals: 'declared' }],
]);

/** The packages that may name a vendor's SDK. */
export const vendorPackages: ReadonlySet<string> = new Set(['gemini', 'adk']);
