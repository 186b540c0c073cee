import { useId, useState } from 'react';
import { firstNumber, wholeNumbers } from '../called-numbers.ts';
import type { Softphone } from '../../softphone/softphone.ts';

const numberLength = 128;

/** The dial field, filled with what was dialled last or the first number that leads to an agent, and `Call`. */
export function DialForm({
  phone,
  lastDialled,
  numbers,
}: {
  readonly phone: Softphone;
  readonly lastDialled: string | undefined;
  readonly numbers: readonly string[];
}): React.ReactNode {
  const [to, setTo] = useState(() => lastDialled ?? firstNumber(numbers));
  const suggestionsId = useId();
  const suggestions = wholeNumbers(numbers);
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    if (to.trim() !== '') phone.dial(to.trim());
  };
  return (
    <form className="dial" onSubmit={submit}>
      <input
        aria-label="Number to call"
        type="tel"
        autoComplete="off"
        placeholder="+1555…"
        maxLength={numberLength}
        list={suggestions.length > 1 ? suggestionsId : undefined}
        value={to}
        onChange={(event) => setTo(event.target.value)}
      />
      {suggestions.length > 1 && (
        <datalist id={suggestionsId}>
          {suggestions.map((number) => (
            <option key={number} value={number}>
              {number}
            </option>
          ))}
        </datalist>
      )}
      <button type="submit" className="main" disabled={to.trim() === ''}>
        Call
      </button>
    </form>
  );
}
