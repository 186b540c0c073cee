import { audioInChecks } from './checks/audio-in.ts';
import { audioOutChecks } from './checks/audio-out.ts';
import { browserChecks } from './checks/browsers.ts';
import { commandChecks } from './checks/commands.ts';
import { connectingChecks } from './checks/connecting.ts';
import { controlChecks } from './checks/control.ts';
import { livenessChecks } from './checks/liveness.ts';
import { losingChecks } from './checks/losing.ts';
import { messageChecks } from './checks/messages.ts';
import { modeChecks } from './checks/modes.ts';
import { monitorChecks } from './checks/monitors.ts';
import { offerChecks } from './checks/offers.ts';
import { phoneChecks } from './checks/phones.ts';
import { resumeChecks } from './checks/resume.ts';
import { standingChecks } from './checks/standing.ts';
import { takeoverChecks } from './checks/takeover.ts';
import { upgradeChecks } from './checks/upgrades.ts';
import type { SwitchCheck } from './make-check.ts';

/** Checks that mostly wait for what the protocol takes its time for. They may run beside all that follow. */
export const patientChecks: readonly SwitchCheck[] = [...losingChecks, ...livenessChecks];

/** Checks that may run side by side. */
export const sharedChecks: readonly SwitchCheck[] = [
  ...upgradeChecks,
  ...browserChecks,
  ...messageChecks,
  ...controlChecks,
  ...commandChecks,
  ...connectingChecks,
  ...modeChecks,
  ...audioInChecks,
  ...audioOutChecks,
  ...resumeChecks,
  ...phoneChecks,
  ...monitorChecks,
];

/** Checks of who is offered a call: while one runs nobody else takes calls. */
export const exclusiveChecks: readonly SwitchCheck[] = [...offerChecks, ...takeoverChecks];

/** Checks that judge the whole run, and come last. */
export const closingChecks: readonly SwitchCheck[] = standingChecks;

/** Every check of a switch. */
export const switchChecks: readonly SwitchCheck[] = [
  ...patientChecks,
  ...sharedChecks,
  ...exclusiveChecks,
  ...closingChecks,
];
