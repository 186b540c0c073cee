import type { Session } from '../../session/session.ts';

/** One role to choose for an invitation, described by its children. */
export function RoleChoice({
  value,
  chosen,
  onChoose,
  children,
}: {
  readonly value: Session['role'];
  readonly chosen: Session['role'];
  readonly onChoose: (role: Session['role']) => void;
  readonly children: React.ReactNode;
}): React.ReactNode {
  return (
    <label className="choice">
      <input type="radio" name="role" checked={value === chosen} onChange={() => onChoose(value)} />
      <span>{children}</span>
    </label>
  );
}
