import { useRef, useState } from 'react';
import type { Session } from '../../session/session.ts';

/** A link that was made, with a button that copies it, and how long it is good. */
export function InvitationLink({
  link,
  role,
}: {
  readonly link: string;
  readonly role: Session['role'];
}): React.ReactNode {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState<'no' | 'yes' | 'by-hand'>('no');

  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(link);
      setCopied('yes');
    } catch {
      field.current?.select();
      setCopied('by-hand');
    }
  };

  return (
    <>
      <div className="invite-link">
        <input
          ref={field}
          className="mono"
          aria-label={`Link for one ${role}`}
          readOnly
          value={link}
          onFocus={(event) => event.target.select()}
        />
        <button type="button" onClick={() => void copy()}>
          {copied === 'yes' ? 'Copied' : 'Copy'}
        </button>
      </div>
      <p className="quiet" role="status">
        {copied === 'by-hand'
          ? 'The browser does not let the page copy: press Ctrl+C or ⌘C.'
          : 'Works once, within ten minutes.'}
      </p>
    </>
  );
}
