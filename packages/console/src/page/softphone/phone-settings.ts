/** What a phone remembers from one visit to the next. */
export interface PhoneSettings {
  readonly number: string;
  readonly microphoneId: string;
  readonly speakerId: string;
  readonly voiceProcessing: boolean;
  readonly muted: boolean;
}

/** What is used of the browser's `localStorage`. */
export type PageStorage = Pick<Storage, 'getItem' | 'setItem'>;

/** Remembers the settings of one phone. */
export interface SettingsMemory {
  load(): PhoneSettings;
  save(settings: PhoneSettings): void;
}

/** A memory in `storage`; where the browser keeps none, or keeps nonsense, the phone starts with `first`. */
export function createSettingsMemory(key: string, first: PhoneSettings, storage: PageStorage): SettingsMemory {
  return {
    load: () => {
      try {
        return { ...first, ...known(JSON.parse(storage.getItem(key) ?? '{}')) };
      } catch {
        return first;
      }
    },
    save: ({ number, microphoneId, speakerId, voiceProcessing, muted }) => {
      try {
        storage.setItem(key, JSON.stringify({ number, microphoneId, speakerId, voiceProcessing, muted }));
      } catch {
        // A browser that keeps nothing forgets the settings with the page.
      }
    },
  };
}

/** The browser's own storage; some browsers throw where a page may keep nothing. */
export function browserStorage(): PageStorage {
  try {
    return localStorage;
  } catch {
    return { getItem: () => null, setItem: () => undefined };
  }
}

function known(value: unknown): Partial<PhoneSettings> {
  if (typeof value !== 'object' || value === null) return {};
  const { number, microphoneId, speakerId, voiceProcessing, muted } = value as Readonly<Record<string, unknown>>;
  return {
    ...(typeof number === 'string' && number !== '' && { number }),
    ...(typeof microphoneId === 'string' && { microphoneId }),
    ...(typeof speakerId === 'string' && { speakerId }),
    ...(typeof voiceProcessing === 'boolean' && { voiceProcessing }),
    ...(typeof muted === 'boolean' && { muted }),
  };
}
