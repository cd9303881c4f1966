import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { readSettings } from "../../src/cli/options/read-settings.ts";
import { makeRun } from "../../src/lib/exec.ts";
import { temporaryFolder } from "../support/temporary.ts";

const { signal } = new AbortController();

describe("the settings of --set", () => {
  const folder = temporaryFolder();

  async function fileOf(content: string | Buffer): Promise<string> {
    const file = path.join(folder, "value");
    await writeFile(file, content);
    return file;
  }

  it("are as they are typed, or come from a file, without the line ends behind it", async () => {
    const file = await fileOf("line 1\nline=2\r\n\n");
    const set = ["a=1", "b=", `c=@${file}`, "d=@@home", "e=x@y", "f=--", "nothing", "=1"];
    const read = ["a=1", "b=", "c=line 1\nline=2", "d=@home", "e=x@y", "f=--", "nothing", "=1"];
    assert.deepEqual(await readSettings(set, { signal }), read);
  });

  it("are refused when a file is missing, too long or no text", async () => {
    await assert.rejects(
      readSettings(["a=@/nosuch/file"], { signal }),
      /^[^:]*: --set a: \/nosuch\/file: no such/,
    );
    await assert.rejects(readSettings(["a=@"], { signal }), /--set a: "@", expected @FILE/);
    const long = await fileOf(Buffer.alloc(64 * 1024 + 1, "x"));
    await assert.rejects(readSettings([`a=@${long}`], { signal }), { code: "LIB_LIMIT_EXCEEDED" });
    const binary = await fileOf(Buffer.from([0xff, 0xfe]));
    await assert.rejects(readSettings([`a=@${binary}`], { signal }), /not UTF-8/);
    await assert.rejects(readSettings(["a=-", "b=-"], { signal }), /two values/);
  });

  it("come from standard input, once", async () => {
    const run = makeRun(process.env["PATH"] ?? "", signal);
    const source = new URL("../../src/cli/options/read-settings.ts", import.meta.url).href;
    const program = `const { readSettings } = await import(${JSON.stringify(source)});
      const { signal } = new AbortController();
      console.log(JSON.stringify(await readSettings(["a=-", "b=2"], { signal })));`;
    const script = await fileOf(program);
    const child = ["--import", "tsx", "--input-type=module", "--eval", program];
    const piped = ["-c", `printf 'one\\ntwo\\n' | "$0" "$@"`, process.execPath, ...child];
    const redirected = ["-c", `"$0" "$@" < ${script}`, process.execPath, ...child];
    const empty = ["-c", `"$0" "$@" < /dev/null`, process.execPath, ...child];
    const texts = await Promise.all(
      [piped, redirected, empty].map(async (args) => JSON.parse((await run("sh", args)).stdout)),
    );
    assert.deepEqual(texts, [
      ["a=one\ntwo", "b=2"],
      [`a=${program}`, "b=2"],
      ["a=", "b=2"],
    ]);
  });
});
