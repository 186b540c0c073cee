import type { LiveEvent } from '@agentao/agent';
import type { RuleModelEvent } from './rule-model.ts';

/** Turns what a local model does into what a bridge is told. */
export interface ModelEvents {
  take(event: RuleModelEvent): void;
  /** What the caller said, turn by turn. */
  readonly heard: readonly string[];
}

/** Makes one for a call. Usage counts a word as a token. */
export function createModelEvents(onEvent: (event: LiveEvent) => void): ModelEvents {
  const heard: string[] = [];
  let callerWords: string[] = [];
  let agentSpoke = false;
  let inputTokens = 0;
  let outputTokens = 0;

  const closeAgent = (): void => {
    if (agentSpoke) onEvent({ type: 'transcript', speaker: 'agent', text: '', final: true });
    agentSpoke = false;
  };

  return {
    heard,
    take: (event) => {
      switch (event.type) {
        case 'heard': {
          if (event.final) {
            heard.push(callerWords.join(' '));
            callerWords = [];
            onEvent({ type: 'transcript', speaker: 'caller', text: '', final: true });
            return;
          }
          const text = callerWords.length === 0 ? event.text : ` ${event.text}`;
          callerWords.push(event.text);
          inputTokens++;
          onEvent({ type: 'transcript', speaker: 'caller', text, final: false });
          return;
        }
        case 'said': {
          const text = agentSpoke ? ` ${event.text}` : event.text;
          const { endsAtMs } = event;
          agentSpoke = true;
          outputTokens++;
          onEvent({
            type: 'transcript',
            speaker: 'agent',
            text,
            final: false,
            ...(endsAtMs === undefined ? {} : { endsAtMs }),
          });
          return;
        }
        case 'audio':
        case 'interrupted':
          onEvent(event);
          return;
        case 'tool-calls':
          for (const call of event.calls) onEvent({ type: 'tool-call', ...call });
          return;
        case 'tools-cancelled':
          onEvent({ type: 'tool-cancelled', ids: event.ids });
          return;
        case 'generation-complete':
          closeAgent();
          return;
        case 'turn-complete':
          closeAgent();
          onEvent({ type: 'usage', inputTokens, outputTokens, totalTokens: inputTokens + outputTokens });
          inputTokens = 0;
          outputTokens = 0;
          onEvent({ type: 'turn-complete' });
          return;
        default:
      }
    },
  };
}
