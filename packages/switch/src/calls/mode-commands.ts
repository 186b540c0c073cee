import type { CallMode, ClearCommand, ModeCommand } from '@agentao/protocol';
import type { Cleared } from '../media/agent-playout.ts';
import type { AgentSession } from './agent-session.ts';

/** Makes `mode` that of the call: the matrix follows. */
export type SetMode = (mode: CallMode) => void;

/** Runs a `mode` command: at once, with a clear at once, or when its position is reached. Returns what a clear left. */
export function changeMode(agent: AgentSession, command: ModeCommand, setMode: SetMode): Cleared | undefined {
  const { id, mode, discard, afterPosition } = command;
  const { playout } = agent;
  const refusal =
    discard !== undefined && afterPosition !== undefined
      ? 'discard and afterPosition exclude each other'
      : discard && playout.refuses(discard);
  if (refusal !== undefined) {
    agent.fail(id, 'BAD_ARGUMENT', refusal);
    return undefined;
  }
  const superseded = agent.pendingMode;
  agent.pendingMode = undefined;
  playout.splitAt = undefined;
  if (superseded) agent.fail(superseded.id, 'INVALID_STATE', 'Superseded by a newer mode command.');

  if (afterPosition !== undefined && afterPosition > playout.played) {
    agent.pendingMode = { id, mode };
    playout.splitAt = afterPosition;
    return undefined;
  }
  const cleared = discard && playout.clear(discard);
  apply(agent, mode, setMode);
  agent.succeed(id, cleared ?? { position: playout.played });
  return cleared;
}

/** Runs a `clear` command; a mode that waits for its position is applied at once. Returns what the clear left. */
export function clearQueued(agent: AgentSession, command: ClearCommand, setMode: SetMode): Cleared | undefined {
  const refusal = agent.playout.refuses(command);
  if (refusal !== undefined) {
    agent.fail(command.id, 'BAD_ARGUMENT', refusal);
    return undefined;
  }
  const cleared = agent.playout.clear(command);
  applyPendingMode(agent, setMode);
  agent.succeed(command.id, cleared);
  return cleared;
}

/** Applies and answers the `mode` command that waits, if there is one. */
export function applyPendingMode(agent: AgentSession, setMode: SetMode): void {
  const pending = agent.pendingMode;
  agent.pendingMode = undefined;
  agent.playout.splitAt = undefined;
  if (pending === undefined) return;
  apply(agent, pending.mode, setMode);
  agent.succeed(pending.id, { position: agent.playout.played });
}

function apply(agent: AgentSession, mode: CallMode, setMode: SetMode): void {
  setMode(mode);
  agent.move('mode_changed');
  agent.event({ type: 'call.mode_changed', mode, position: agent.playout.played });
}
