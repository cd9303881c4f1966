import assert from "node:assert/strict";
import { access, chmod, writeFile } from "node:fs/promises";
import path from "node:path";
import { chromium, type Page } from "playwright-core";
import { openFolder } from "./temporary.ts";

export type { Page } from "playwright-core";

/** Debian's: a Chromium without a window. */
const PROGRAM = "/usr/bin/chromium-headless-shell";

/** A real browser. */
export interface RealBrowser extends AsyncDisposable {
  /** Opens a page of a user who has never been here: no cookies, nothing cached. */
  newPage(): Promise<Page>;
}

/** Which browser is opened. */
export interface BrowserOptions {
  /** A process whose network the browser uses. Default: this process. */
  readonly networkOf?: number;
  /** Time limit of each action on a page. Default: 30 seconds. */
  readonly timeoutMs?: number;
}

/** Starts the browser; everything of it is gone when it is disposed of. */
export async function openBrowser(options: BrowserOptions = {}): Promise<RealBrowser> {
  const { networkOf = process.pid, timeoutMs = 30_000 } = options;
  await access(PROGRAM).catch(() =>
    assert.fail(`${PROGRAM} is missing: run examples/install-system-packages.sh --slow`),
  );
  const temporary = await openFolder();
  const folder = temporary.path;
  const program = path.join(folder, "browser");
  await writeFile(program, `#!/bin/sh\nexec nsenter --target ${networkOf} --net ${PROGRAM} "$@"\n`);
  await chmod(program, 0o755);
  // As root, which these tests need, it cannot have a sandbox; it reaches only this machine.
  const browser = await chromium.launch({ executablePath: program, chromiumSandbox: false });
  return {
    newPage: async () => {
      const context = await browser.newContext({ locale: "en-US", timezoneId: "UTC" });
      context.setDefaultTimeout(timeoutMs);
      return context.newPage();
    },
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      await temporary[Symbol.asyncDispose]();
    },
  };
}
