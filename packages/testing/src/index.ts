export type { CheckOutcome, CheckResult, ConformanceReport } from './conformance/report.ts';
