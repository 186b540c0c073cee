import type { HeldKey } from './use-keypad.ts';
import { KeypadKey } from './keypad-key.tsx';
import { keys } from './keys.ts';
import './keypad.css';

/** The twelve keys; each sounds for as long as it is held. */
export function Keypad({
  heldKey,
  disabled,
}: {
  readonly heldKey: HeldKey;
  readonly disabled: boolean;
}): React.ReactNode {
  return (
    <div className="keypad" role="group" aria-label="Keypad">
      {keys.map((key) => (
        <KeypadKey key={key.digit} shown={key} heldKey={heldKey} disabled={disabled} />
      ))}
    </div>
  );
}
