/** What happens to the page as a whole. Each returns what unsubscribes. */
export interface PageLife {
  /** The page is looked at again, thawed, or online again: a good moment to see how things stand. */
  onWake(listener: () => void): () => void;
  /** The page is left; it may come back as it was, or never. */
  onLeave(listener: () => void): () => void;
  /** The page came back as it was left, with its sockets gone. */
  onReturn(listener: () => void): () => void;
}

/** The life of the browser's page. */
export const browserPageLife: PageLife = {
  onWake: (listener) => {
    const whenVisible = (): void => {
      if (document.visibilityState === 'visible') listener();
    };
    document.addEventListener('visibilitychange', whenVisible);
    document.addEventListener('resume', listener);
    window.addEventListener('online', listener);
    return () => {
      document.removeEventListener('visibilitychange', whenVisible);
      document.removeEventListener('resume', listener);
      window.removeEventListener('online', listener);
    };
  },
  onLeave: (listener) => {
    window.addEventListener('pagehide', listener);
    return () => window.removeEventListener('pagehide', listener);
  },
  onReturn: (listener) => {
    const whenRestored = (event: PageTransitionEvent): void => {
      if (event.persisted) listener();
    };
    window.addEventListener('pageshow', whenRestored);
    return () => window.removeEventListener('pageshow', whenRestored);
  },
};
