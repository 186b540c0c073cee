import type { Key } from './keys.ts';
import type { HeldKey } from './use-keypad.ts';

/** One key: held by a pointer, by space or enter, or tapped by what only clicks. */
export function KeypadKey({
  shown: { digit, letters },
  heldKey,
  disabled,
}: {
  readonly shown: Key;
  readonly heldKey: HeldKey;
  readonly disabled: boolean;
}): React.ReactNode {
  const holder = (event: React.PointerEvent): string => `pointer ${event.pointerId}`;
  const release = (event: React.PointerEvent): void => heldKey.release(holder(event));
  return (
    <button
      type="button"
      aria-label={digit}
      disabled={disabled}
      data-held={heldKey.digit === digit || undefined}
      onPointerDown={(event) => event.button === 0 && heldKey.press(digit, holder(event))}
      onPointerUp={release}
      onPointerCancel={release}
      onPointerLeave={release}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (event.key !== ' ' && event.key !== 'Enter') return;
        event.preventDefault();
        heldKey.press(digit, event.code);
      }}
      onKeyUp={(event) => event.key === ' ' && event.preventDefault()}
      onBlur={() => heldKey.release()}
      onClick={(event) => event.detail === 0 && heldKey.tap(digit)}
    >
      {digit}
      {letters !== '' && <small aria-hidden="true">{letters}</small>}
    </button>
  );
}
