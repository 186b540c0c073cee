import { showDuration } from '../show-time.ts';
import { useNow } from '../use-now.ts';

/** The running time of a call, counted from `sinceMs` by `Date.now()`. */
export function TalkTime({ sinceMs }: { readonly sinceMs: number }): React.ReactNode {
  const nowMs = useNow(true, sinceMs);
  return (
    <span className="talk-time" role="timer" aria-label="Talk time">
      {showDuration(nowMs - sinceMs)}
    </span>
  );
}
