import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { readIdentity } from "../../../src/cli/options/identity-options.ts";
import { testContext } from "../../support/context.ts";
import { temporaryFolder } from "../../support/temporary.ts";

describe("a file with a changelog", () => {
  const folder = temporaryFolder();
  let changelog: string;
  before(async () => {
    changelog = path.join(folder, "changelog");
  });

  const read = async (content: string | Uint8Array) => {
    await writeFile(changelog, content);
    const args = { packager: undefined, url: undefined, changelog };
    return readIdentity(args, { context: testContext() });
  };

  for (const [what, text] of [
    ["as Windows writes it", "\ufeff* Mon Jan 05 2026 Jörg\r\n- x\r\n- y\r\n"],
    ["with a byte order mark", "\ufeff* Mon Jan 05 2026 Jörg\n- x\n- y\n"],
    ["without one", "* Mon Jan 05 2026 Jörg\n- x\n- y"],
  ] as const) {
    it(`is read ${what}`, async () => {
      const [entry, ...others] = (await read(text)).changelog ?? [];
      assert.deepEqual([entry?.author, entry?.text, others], ["Jörg", "- x\n- y", []]);
    });
  }

  it("comes with a URL that can be opened, else the command line is refused", async () => {
    const identity = (url: string) =>
      readIdentity({ packager: undefined, url, changelog: undefined }, { context: testContext() });
    for (const url of ["https://example.com/web", "http://[::1]:8080", "ftp://example.com/a%20b"])
      assert.deepEqual(await identity(url), { url });
    for (const url of ["not a url", "example.com", "", "javascript:1", "https://a b/", "https://"])
      await assert.rejects(identity(url), { code: "CLI_USAGE" }, url);
  });

  it("is refused in another encoding than UTF-8", async () => {
    for (const encoding of ["latin1", "utf16le"] as const) {
      await assert.rejects(read(Buffer.from("\ufeff* Mon Jan 05 2026 Jörg\n- x\n", encoding)), {
        code: "PLAN_BAD_CHANGELOG",
        message: `${changelog}: not UTF-8, expected a text in UTF-8`,
      });
    }
  });
});
