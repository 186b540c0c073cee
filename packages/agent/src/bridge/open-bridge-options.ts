import type { Bridge, BridgeOptions } from '../bridge.ts';
import type { LiveSession } from '../live-model.ts';

/** What the voice agent adds. */
export interface OpenBridgeOptions extends BridgeOptions {
  /** Tools that a framework runs itself. */
  readonly runTool?: LiveSession['runTool'];
  /** Somebody has begun to speak, or has finished. */
  readonly onCallerSpeech?: () => void;
}

/** A bridge, and what the voice agent has to know of it. */
export interface OpenBridge extends Bridge {
  /** Milliseconds since the call reached the switch. */
  readonly callMs: number;
  /** Whether somebody speaks, the model included, or a tool is at work. */
  readonly busy: boolean;
  /** Whether `end` has been reached. */
  readonly over: boolean;
}
