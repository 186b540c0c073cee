/** Who a phone belongs to, for "you hung up". */
export interface EndingOptions {
  readonly you?: 'caller' | 'callee';
}

/** How a call ended, in words without a capital or a full stop: `the caller hung up`. What is not known is shown as it came. */
export function endingWords(how: string, by: string, { you }: EndingOptions = {}): string {
  const who = by === you ? 'you' : `the ${by}`;
  switch (how) {
    case 'hangup':
      return `${who} hung up`;
    case 'disconnected':
      return 'the agent ended the call';
    case 'left':
      return 'the agent left';
    case 'declined':
      return 'the agent declined';
    case 'unanswered':
      return by === 'switch' ? 'no agent took it, and no phone rang' : 'nobody picked up';
    case 'rejected':
      return you === 'callee' ? 'you refused' : 'the callee refused or was busy';
    case 'timeout':
      return 'it reached the longest time allowed';
    case 'taken_over':
      return 'another agent took over';
    case 'media_lost':
      return 'the agent was lost';
    case 'shutdown':
      return 'the switch stopped';
    case 'failed':
      return by === 'switch' ? 'a fault in the switch' : `${by === you ? 'your line' : `the line of ${who}`} was lost`;
    case 'lost':
      return 'the line was lost';
    case 'refused':
      return 'it could not be placed';
    default:
      return `${how}, by ${who}`;
  }
}
