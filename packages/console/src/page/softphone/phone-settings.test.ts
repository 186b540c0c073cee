import { describe, expect, it } from 'vitest';
import { createSettingsMemory, type PageStorage } from './phone-settings.ts';

const first = { number: '+1', microphoneId: '', speakerId: '', voiceProcessing: true, muted: false };
const key = 'agentao.softphone.caller';

function createStorage(text?: string): PageStorage & { readonly items: Map<string, string> } {
  const items = new Map<string, string>(text === undefined ? [] : [[key, text]]);
  return {
    items,
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => void items.set(name, value),
  };
}

describe('settings of a phone', () => {
  it('come back as they were saved, and nothing else is kept', () => {
    const storage = createStorage();
    const settings = { number: '+2', microphoneId: 'm', speakerId: 's', voiceProcessing: false, muted: true };
    createSettingsMemory(key, first, storage).save({ ...settings, line: 'secret' } as typeof settings);
    expect(JSON.parse(storage.items.get(key) ?? '')).toEqual(settings);
    expect(createSettingsMemory(key, first, storage).load()).toEqual(settings);
  });

  it.each([undefined, 'not JSON', 'null', '[1]', '{"number":5,"muted":"yes"}', '{"number":""}'])(
    'begin as on a first visit where %j was kept',
    (text) => {
      expect(createSettingsMemory(key, first, createStorage(text)).load()).toEqual(first);
    },
  );

  it('do without a storage that throws', () => {
    const broken: PageStorage = {
      getItem: () => {
        throw new Error('denied');
      },
      setItem: () => {
        throw new Error('full');
      },
    };
    const memory = createSettingsMemory(key, first, broken);
    memory.save(first);
    expect(memory.load()).toEqual(first);
  });
});
