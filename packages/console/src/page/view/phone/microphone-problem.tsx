import type { Softphone, SoftphoneState } from '../../softphone/softphone.ts';

/** What the person has to do about the microphone, and the way to ask for it again; nothing while all is well. */
export function MicrophoneProblem({
  phone,
  state: { microphone, microphoneId },
}: {
  readonly phone: Softphone;
  readonly state: SoftphoneState;
}): React.ReactNode {
  if (microphone.name === 'asking') return <p className="notice">The browser asks for the microphone: allow it.</p>;
  if (!('problem' in microphone)) return null;
  return (
    <div className="notice" role="alert">
      <p>{microphone.problem}</p>
      <button type="button" onClick={() => void phone.chooseMicrophone(microphoneId)}>
        Ask again
      </button>
    </div>
  );
}
