import type { PageMedia } from './page-media.ts';
import type { AudioDevice } from './softphone.ts';

/** The devices that can be chosen now. */
export interface AudioDevices {
  readonly microphones: readonly AudioDevice[];
  readonly speakers: readonly AudioDevice[];
}

/** What the browser tells of its devices; those without an id are not told of before the microphone is allowed. */
export async function listDevices(
  media: Pick<PageMedia, 'enumerateDevices'> | undefined,
  canChooseSpeaker: boolean,
): Promise<AudioDevices> {
  const infos = (await media?.enumerateDevices().catch(() => [])) ?? [];
  return {
    microphones: choices(infos, 'audioinput', 'Microphone'),
    speakers: canChooseSpeaker ? choices(infos, 'audiooutput', 'Speaker') : [],
  };
}

/** `next`, or `before` where both list the same. */
export function keepSame(before: readonly AudioDevice[], next: readonly AudioDevice[]): readonly AudioDevice[] {
  const isSame = (device: AudioDevice, i: number): boolean =>
    device.deviceId === before[i]?.deviceId && device.label === before[i]?.label;
  return before.length === next.length && next.every(isSame) ? before : next;
}

function choices(infos: readonly MediaDeviceInfo[], kind: MediaDeviceKind, name: string): readonly AudioDevice[] {
  return infos
    .filter((info) => info.kind === kind && info.deviceId !== '')
    .map(({ deviceId, label }, i) => ({ deviceId, label: label === '' ? `${name} ${i + 1}` : label }));
}
