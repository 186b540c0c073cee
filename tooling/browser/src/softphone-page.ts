import type { Locator, Page } from 'playwright-core';

/** One softphone of a console page, as a person finds it. */
export interface SoftphonePage {
  readonly region: Locator;
  /** Presses a button of it. */
  click(name: string): Promise<void>;
  /** Waits for words in it. */
  says(text: string | RegExp): Promise<void>;
}

/** The softphone with that heading. */
export function softphoneOf(page: Page, name: 'Caller' | 'Callee'): SoftphonePage {
  const region = page.getByRole('region', { name });
  return {
    region,
    click: (button) => region.getByRole('button', { name: button, exact: true }).click(),
    says: (text) => region.getByText(text).first().waitFor({ timeout: 10_000 }),
  };
}
