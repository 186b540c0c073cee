export { type ConformanceCheck, NonConformance, Untried } from './conformance/check.ts';
export { type ClauseVerdict, clauseVerdicts, formatReport, formatResult } from './conformance/format-report.ts';
export type { CheckOutcome, CheckResult, ConformanceReport } from './conformance/report.ts';
export { type ProtocolRule, protocolRules } from './conformance/rules.ts';
export { runChecks, type RunChecksOptions } from './conformance/run-checks.ts';
export { SwitchTestError, type SwitchTestErrorCode } from './conformance/switch/switch-test-error.ts';
export { testSwitch, type TestSwitchOptions } from './conformance/switch/test-switch.ts';
export { type ClientFeature, type Scenario, scenarios } from './conformance/client/scenarios.ts';
export type { ClientLine, StartClient } from './conformance/client/station.ts';
export { testClient, type TestClientOptions } from './conformance/client/test-client.ts';
export {
  createLab,
  type Lab,
  type LabApp,
  type LabOptions,
  type LabPhone,
  type LabPhoneOptions,
} from './lab/create-lab.ts';
export type { LabCall } from './lab/lab-call.ts';
export { LabError } from './lab/lab-error.ts';
export { ModelRulesError, readModelRules } from './model/read-rules.ts';
export type { ModelFault, ModelRule, ModelRules, ToolWish } from './model/rules.ts';
export {
  scriptedModel,
  type ScriptedModel,
  type ScriptedModelOptions,
  type ScriptedSession,
} from './model/scripted-model.ts';
export { systemVoice } from './model/system-voice.ts';
export { type SpokenSentence, tonesVoice, type TonesVoiceOptions, type Voice } from './model/voice.ts';
