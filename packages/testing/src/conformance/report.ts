/** What became of one check. `untried`: it could not be tried here, `why` says the reason; that is neither pass nor failure. */
export type CheckOutcome =
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'failed'; readonly why: string }
  | { readonly outcome: 'untried'; readonly why: string };

/** One check and what became of it. */
export type CheckResult = CheckOutcome & {
  readonly name: string;
  readonly clauses: readonly string[];
  readonly durationMs: number;
};

/** What a conformance run found, in the order in which it was tried. */
export interface ConformanceReport {
  /** Which side of the protocol was tried. */
  readonly side: 'switch' | 'client';
  /** What was tried, for people: a URL, or the `client` of its `hello`. */
  readonly target: string;
  readonly results: readonly CheckResult[];
  /** What the run was narrowed to, if it was. */
  readonly only?: readonly string[];
  /** No check failed, and at least one was tried. */
  readonly pass: boolean;
}
