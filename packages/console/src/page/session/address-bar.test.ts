import { afterEach, describe, expect, it, vi } from 'vitest';
import { browserAddressBar } from './address-bar.ts';

function open(url: string): string[] {
  const { hash, pathname, search, origin } = new URL(url);
  const shown: string[] = [];
  vi.stubGlobal('location', { hash, pathname, search, origin });
  vi.stubGlobal('history', {
    state: null,
    replaceState: (_state: unknown, _title: string, path: string) => shown.push(path),
  });
  return shown;
}

afterEach(() => void vi.unstubAllGlobals());

describe('address bar', () => {
  it('gives the token of a link and removes it from what is shown', () => {
    const shown = open('http://switch:1/?a=1#sign-in=si_a%2Bb');
    expect(browserAddressBar.takeToken()).toBe('si_a+b');
    expect(shown).toEqual(['/?a=1']);
  });

  it('leaves other fragments alone', () => {
    const shown = open('http://switch:1/#calls');
    expect(browserAddressBar.takeToken()).toBeUndefined();
    expect(shown).toEqual([]);
  });

  it('takes an empty token for none, and removes it all the same', () => {
    const shown = open('http://switch:1/#sign-in=');
    expect(browserAddressBar.takeToken()).toBeUndefined();
    expect(shown).toEqual(['/']);
  });

  it('makes links that it can read', () => {
    open('http://switch:1/');
    const link = browserAddressBar.link('si_x/y+z');
    open(link);
    expect(browserAddressBar.takeToken()).toBe('si_x/y+z');
  });
});
