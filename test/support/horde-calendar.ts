import type { Page } from "./browser.ts";

/** Who uses a calendar, and where. */
export interface CalendarUser {
  /** Address of the web server: `http://127.0.0.1`. */
  readonly url: string;
  readonly name: string;
  readonly password: string;
}

/** Opens the server's name as a user would, logs in, and waits for the view of the month. */
export async function logIn(page: Page, user: CalendarUser): Promise<void> {
  await page.goto(`${user.url}/`);
  await page.getByLabel("Username").fill(user.name);
  await page.getByLabel("Password").fill(user.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(/\/horde\/kronolith\/#month/);
  await page.locator("#kronolithLoading").waitFor({ state: "hidden" });
}

/** Makes an appointment today and waits until it is shown as saved. */
export async function makeAppointment(page: Page, title: string): Promise<void> {
  await page.locator("#kronolithNewEvent").click();
  await page.locator("#kronolithEventTitle").fill(title);
  await page.locator("#kronolithEventSave").click();
  await waitForAppointment(page, title);
}

/**
 * Waits until the month shows an appointment: on one day, or on two, for the hour that Horde proposes may end
 * after midnight when the test runs late in the evening.
 */
export async function waitForAppointment(page: Page, title: string): Promise<void> {
  await page.locator("#kronolithViewMonth").getByText(title).first().waitFor();
}

/** Returns what Horde complains about on the page. */
export async function complaints(page: Page): Promise<readonly string[]> {
  return page.locator(".noticerow .horde-error, .noticerow .horde-warning").allInnerTexts();
}
