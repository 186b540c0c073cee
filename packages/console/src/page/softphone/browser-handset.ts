import { jitterDelayMs } from '@agentao/audio';
import processorUrl from '../../worklet/handset-processor.ts?worker&url';
import { handsetProcessorName, type HandsetOrder, type HandsetReport } from '../../worklet/handset-messages.ts';
import { HandsetError, type OpenHandset, silentLevels } from './handset.ts';
import { startKeyTone } from './key-tone.ts';
import { createRinger } from './ringer.ts';

interface ChoosingContext extends AudioContext {
  setSinkId?(deviceId: string): Promise<void>;
}

/** Opens a handset on the browser's sound devices, at the rate of the speaker: Firefox joins no microphone to another rate. */
export const openBrowserHandset: OpenHandset = async ({ onLevels, onFailed }) => {
  if (!isSecureContext) throw new HandsetError('INSECURE', 'a page that is not served securely has no worklets');
  const context: ChoosingContext = new AudioContext({ latencyHint: 'interactive' });
  const stopWaking = keepRunning(context, () => onLevels(silentLevels));
  try {
    await context.audioWorklet.addModule(processorUrl);
  } catch (cause) {
    stopWaking();
    void context.close();
    throw new HandsetError('NO_SOUND', 'the worklet does not load', { cause });
  }
  const node = new AudioWorkletNode(context, handsetProcessorName, {
    channelCount: 1,
    channelCountMode: 'explicit',
    numberOfInputs: 1,
    numberOfOutputs: 1,
    outputChannelCount: [1],
  });
  const ringer = createRinger(context);
  let source: MediaStreamAudioSourceNode | undefined;
  let stopKey: (() => void) | undefined;

  const order = (message: HandsetOrder<MessagePort>, transfer: Transferable[] = []): void =>
    node.port.postMessage(message, transfer);
  const { port1: handsetPort, port2: linePort } = new MessageChannel();
  order({ type: 'line', port: handsetPort }, [handsetPort]);

  const listening = new AbortController();
  const { signal } = listening;
  node.port.addEventListener('message', ({ data }: MessageEvent<HandsetReport>) => onLevels(data), { signal });
  node.port.start();
  node.addEventListener('processorerror', onFailed, { signal });
  // The sound device has failed.
  context.addEventListener('error', onFailed, { signal });
  node.connect(context.destination);

  return {
    get outputDelayMs() {
      return 1000 * Math.max(context.baseLatency, context.outputLatency || 0) + jitterDelayMs.target;
    },
    port: linePort,
    mute: (on) => order({ type: 'mute', on }),
    say: (samples) => order({ type: 'say', samples }, [samples.buffer]),
    useMicrophone: (stream) => {
      source?.disconnect();
      source = stream && new MediaStreamAudioSourceNode(context, { mediaStream: stream });
      source?.connect(node);
    },
    useSpeaker: async (deviceId) => {
      if (context.setSinkId === undefined) throw new DOMException('no page may choose', 'NotSupportedError');
      await context.setSinkId(deviceId);
    },
    ring: (on) => (on ? ringer.start() : ringer.stop()),
    key: (key) => {
      stopKey?.();
      stopKey = key === undefined ? undefined : startKeyTone(context, key);
    },
    close: () => {
      stopWaking();
      order({ type: 'end' });
      listening.abort();
      void context.close();
    },
  };
};

/** Starts the context, and again whenever the browser or the system has stopped it; what needs a click waits for the next one. */
function keepRunning(context: AudioContext, stoodStill: () => void): () => void {
  const run = (): void => {
    if (context.state === 'running' || context.state === 'closed') return;
    stoodStill();
    context.resume().catch(() => undefined);
  };
  const gestures = ['pointerup', 'keydown'];
  context.addEventListener('statechange', run);
  for (const gesture of gestures) document.addEventListener(gesture, run, { capture: true });
  document.addEventListener('visibilitychange', run);
  run();
  return () => {
    context.removeEventListener('statechange', run);
    for (const gesture of gestures) document.removeEventListener(gesture, run, { capture: true });
    document.removeEventListener('visibilitychange', run);
  };
}
