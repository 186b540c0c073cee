import { hearGreeting, interruptGreeting, placeCall } from './greeting.ts';
import type { Stage } from './stage.ts';
import { connectCallee, hearWhisper, leaveThemTalking, talkWithAgent } from './three-way.ts';

/** Everything the quickstart agent does, in one call of about twenty seconds; each step is checked from the audio at each ear. */
export async function playTour(stage: Stage): Promise<void> {
  await hearGreeting(stage, await placeCall(stage));
  await interruptGreeting(stage);
  await connectCallee(stage);
  await talkWithAgent(stage);
  await hearWhisper(stage);
  await leaveThemTalking(stage);
}
