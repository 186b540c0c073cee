import { useState } from 'react';
import type { Softphone } from '../../softphone/softphone.ts';

const textLength = 200;

/** A field for what is to be said by text, and `Say`. */
export function SayForm({ phone }: { readonly phone: Softphone }): React.ReactNode {
  const [text, setText] = useState('');
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    phone.say(text);
    setText('');
  };
  return (
    <form className="say" onSubmit={submit}>
      <input
        aria-label="Say by text"
        autoComplete="off"
        placeholder="Say by text"
        title="Spoken in tones, which the local model understands"
        maxLength={textLength}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" disabled={text.trim() === ''}>
        Say
      </button>
    </form>
  );
}
