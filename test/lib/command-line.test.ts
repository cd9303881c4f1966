import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { commandLine, toolCommand } from "../../src/lib/command-line.ts";
import { testContext } from "../support/context.ts";

describe("commands in hints", () => {
  it("reach a program as they were given, whatever is in their words", async () => {
    const words = [
      "a b",
      "it's",
      "~",
      "~root/x",
      "$HOME",
      "`id`",
      "a;b",
      "*",
      "",
      '"',
      "\\",
      "#x",
      "x=~",
      "x=~/y",
      "a:~/y",
      "ä",
    ];
    const { run } = testContext();
    for (const shell of ["sh", "bash"]) {
      const { stdout } = await run(shell, ["-c", commandLine("printf", "%s\\n", ...words)]);
      assert.deepEqual(stdout.split("\n").slice(0, -1), words);
    }
  });

  it("quote nothing that needs no quotes", () => {
    assert.equal(
      commandLine("chmod", "600", "/etc/pki/web-1.0_x@y+z~2.asc"),
      "chmod 600 /etc/pki/web-1.0_x@y+z~2.asc",
    );
    assert.equal(toolCommand("adopt", "web"), "virt-appliance adopt web");
    assert.equal(toolCommand("adopt", "-x y"), "virt-appliance adopt -- '-x y'");
  });

  it("are written by no other way than these", async () => {
    const source = path.join(import.meta.dirname, "../../src");
    const found: string[] = [];
    for (const file of await readdir(source, { recursive: true })) {
      if (!file.endsWith(".ts")) continue;
      const text = await readFile(path.join(source, file), "utf8");
      // The label of an effect is no command.
      const command =
        /`[^`\n]*\b(?:virsh [a-z-]+|chmod|restorecon|qemu-img create|virt-appliance (?:accept|adopt|create|destroy|recover|rollback|update)) (?:[^`,;\n$]|\$(?!\{))*\$\{[^`\n]*`/g;
      for (const [line] of text.matchAll(command)) found.push(`${file}: ${line}`);
    }
    assert.deepEqual(found, []);
  });
});
