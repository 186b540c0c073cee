export type { CancelSignal } from './cancel-signal.ts';
export type { Clock, Timer } from './clock.ts';
export { sleep } from './sleep.ts';
export { createSystemClock, type SystemTimeGlobals } from './system-clock.ts';
export {
  createVirtualClock,
  type VirtualClock,
  type VirtualClockOptions,
  VirtualTimeError,
  type VirtualTimeErrorCode,
} from './virtual-clock.ts';
export { createWheel, type Wheel, type WheelMember, type WheelOptions, type WheelStats } from './wheel.ts';
export { type Deadline, withDeadline } from './with-deadline.ts';
