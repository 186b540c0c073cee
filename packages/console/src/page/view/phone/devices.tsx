import { DeviceSelect } from './device-select.tsx';
import type { Softphone, SoftphoneState } from '../../softphone/softphone.ts';

/** Which microphone and speaker the phone uses, folded away. */
export function Devices({
  phone,
  state,
}: {
  readonly phone: Softphone;
  readonly state: SoftphoneState;
}): React.ReactNode {
  return (
    <details className="devices">
      <summary>Devices</summary>
      <DeviceSelect
        label="Microphone"
        devices={state.microphones}
        chosenId={state.microphoneId}
        onChoose={(deviceId) => void phone.chooseMicrophone(deviceId)}
      />
      {state.speakers.length > 0 ? (
        <DeviceSelect
          label="Speaker"
          devices={state.speakers}
          chosenId={state.speakerId}
          onChoose={(deviceId) => void phone.chooseSpeaker(deviceId)}
        />
      ) : (
        <p className="quiet">The speaker is the one that the browser or system uses.</p>
      )}
    </details>
  );
}
