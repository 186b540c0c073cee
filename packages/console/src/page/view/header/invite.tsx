import { useId, useRef, useState } from 'react';
import { DoorError, type Door, type Session } from '../../session/session.ts';
import { InvitationLink } from './invitation-link.tsx';
import { RoleChoice } from './role-choice.tsx';

/** Makes one-time links for others, in a small window under its button. */
export function Invite({ door }: { readonly door: Door }): React.ReactNode {
  const popoverId = useId();
  const popover = useRef<HTMLDivElement>(null);
  const [role, setRole] = useState<Session['role']>('viewer');
  const [made, setMade] = useState<{ readonly link: string; readonly role: Session['role'] }>();
  const [problem, setProblem] = useState<string>();

  const make = async (): Promise<void> => {
    setMade(undefined);
    setProblem(undefined);
    try {
      setMade({ link: await door.invite(role), role });
    } catch (error) {
      setProblem(error instanceof DoorError ? error.message : 'The link could not be made.');
    }
  };
  const onToggle = (event: React.ToggleEvent): void => {
    if (event.newState !== 'closed') return;
    setMade(undefined);
    setProblem(undefined);
  };

  return (
    <>
      <button type="button" popoverTarget={popoverId}>
        Invite
      </button>
      <div
        id={popoverId}
        ref={popover}
        className="invite panel"
        popover="auto"
        role="dialog"
        aria-label="Invite"
        onToggle={onToggle}
      >
        <fieldset>
          <legend>A link for somebody else, or for another browser</legend>
          <RoleChoice value="viewer" chosen={role} onChoose={setRole}>
            <strong>Viewer</strong> sees calls and who hears whom
          </RoleChoice>
          <RoleChoice value="operator" chosen={role} onChoose={setRole}>
            <strong>Operator</strong> has softphones, too, and may invite
          </RoleChoice>
        </fieldset>
        <button type="button" className="main" onClick={() => void make()}>
          Make a link
        </button>
        {made && <InvitationLink key={made.link} link={made.link} role={made.role} />}
        {problem !== undefined && (
          <p className="notice" role="alert">
            {problem}
          </p>
        )}
      </div>
    </>
  );
}
