import type { Locator, Page } from 'playwright-core';

/** One softphone of a console page, as a person finds it. */
export interface SoftphonePage {
  readonly region: Locator;
  /** Plugs it in, its microphone unprocessed, and waits until it can be used. */
  plugIn(): Promise<void>;
  /** Presses a button of it. */
  click(name: string): Promise<void>;
  /** Waits for a button of it. */
  offers(name: string): Promise<void>;
  /** Waits for words in it. */
  says(text: string | RegExp): Promise<void>;
}

/** A softphone is on the switch, or the test has failed, after so long. */
const waitMs = 10_000;

/** The softphone with that heading. */
export function softphoneOf(page: Page, name: 'Caller' | 'Callee'): SoftphonePage {
  const region = page.getByRole('region', { name });
  const button = (label: string): Locator => region.getByRole('button', { name: label, exact: true });
  const says = (text: string | RegExp): Promise<void> => region.getByText(text).first().waitFor({ timeout: waitMs });
  return {
    region,
    plugIn: async () => {
      await region.getByLabel('Voice processing').uncheck();
      await button('Plug in').click();
      await says('Ready');
    },
    click: (label) => button(label).click(),
    offers: (label) => button(label).waitFor({ timeout: waitMs }),
    says,
  };
}

/** What a meter shows, in whole decibels. */
export async function meterDb(region: Locator, name: string): Promise<number> {
  return Number(await region.getByRole('meter', { name, exact: true }).getAttribute('aria-valuenow'));
}
