import type { MediaCommand } from '@agentao/protocol';
import type { AgentSession } from './agent-session.ts';
import type { CallNotes } from './call-notes.ts';
import type { CallTimeline } from './call-timeline.ts';
import { type KeyLines, sendKeys } from './key-relay.ts';
import { changeMode, clearQueued, type SetMode } from './mode-commands.ts';

/** Commands that leave the call where it is: they are about the agent's audio, keys and notes. */
export type PlainCommand = Extract<
  MediaCommand,
  { readonly type: 'mode' | 'clear' | 'dtmf' | 'tracks' | 'context' | 'annotate' }
>;

/** What plain commands work on. */
export interface CommandSurroundings {
  readonly timeline: CallTimeline;
  readonly notes: CallNotes;
  readonly lines: KeyLines;
  readonly atMs: () => number;
  readonly setMode: SetMode;
}

/** Runs a plain command that the state allows, and answers it, now or when its position is reached. */
export function runPlainCommand(agent: AgentSession, command: PlainCommand, around: CommandSurroundings): void {
  const { timeline, notes, setMode } = around;
  const { id } = command;
  const settle = (refusal: string | undefined): void => {
    if (refusal === undefined) agent.succeed(id);
    else agent.fail(id, 'BAD_ARGUMENT', refusal);
  };
  switch (command.type) {
    case 'mode':
    case 'clear': {
      const cleared =
        command.type === 'mode' ? changeMode(agent, command, setMode) : clearQueued(agent, command, setMode);
      if (cleared) timeline.note('cleared', { ...cleared, generation: agent.playout.generation });
      return;
    }
    case 'dtmf':
      sendKeys('agent', command.digits, around.lines);
      return agent.succeed(id);
    case 'tracks':
      agent.port.setTracks(command.tracks);
      return agent.succeed(id);
    case 'context':
      return settle(notes.setContext(command.context));
    case 'annotate':
      return settle(notes.annotate({ atMs: around.atMs(), kind: command.kind, data: command.data }));
  }
}
