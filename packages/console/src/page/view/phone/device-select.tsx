import { useId } from 'react';
import type { AudioDevice } from '../../softphone/softphone.ts';

/** One kind of device to choose, under its label. */
export function DeviceSelect({
  label,
  devices,
  chosenId,
  onChoose,
}: {
  readonly label: string;
  readonly devices: readonly AudioDevice[];
  readonly chosenId: string;
  readonly onChoose: (deviceId: string) => void;
}): React.ReactNode {
  const id = useId();
  const isListed = devices.some(({ deviceId }) => deviceId === chosenId);
  return (
    <>
      <label className="quiet" htmlFor={id}>
        {label}
      </label>
      <select id={id} value={chosenId} onChange={(event) => onChoose(event.target.value)}>
        {!isListed && <option value={chosenId}>Default</option>}
        {devices.map(({ deviceId, label: name }, index) => (
          <option key={deviceId} value={deviceId}>
            {name || `${label} ${index + 1}`}
          </option>
        ))}
      </select>
    </>
  );
}
