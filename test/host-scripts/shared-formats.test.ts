import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  matchesRecord,
  readBaseRecord,
  renderBaseRecord,
} from "../../src/host/catalogue/base-record.ts";
import { hostPaths } from "../../src/host/access/paths.ts";
import { parseSettings } from "../../src/host/access/settings.ts";
import { osinfoFileName } from "../../src/package/osinfo.ts";
import { renderUnpackList } from "../../src/package/unpack-list.ts";
import { withFolder } from "../support/temporary.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const HOST = path.join(ROOT, "spec-templates/host");

/** Returns a part of the page, by its heading. */
async function part(heading: string): Promise<string> {
  const page = await readFile(path.join(ROOT, "docs/formats.md"), "utf8");
  const text = page.split(/^## /m).find((one) => one.startsWith(`${heading}\n`));
  assert.ok(text !== undefined, heading);
  return text;
}

/** Returns the cells of a part's table, without its head and without the marks of code. */
function rows(text: string): readonly (readonly string[])[] {
  const lines = text.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("`", "")),
  );
}

const example = (text: string): string => /```text\n(.*?)```/s.exec(text)?.[1] ?? "";

/** Runs a piece of shell with the functions of reconcile, and returns what it prints. */
function shell(folder: string, script: string): string {
  const functions = `
    root='' base=$1/base state=$1/state catalogue=$1/catalogue osinfo=$1/osinfo payload=/payload
    pool=appliances uri=qemu:///system quiet=1 problems=0 outcome='' temporary='' how='' entry=web-appliance-1.0-1
    NL='
'
    TAB=$(printf '\\t')
    . "$2/reconcile-bases.sh"
    . "$2/reconcile-formats.sh"
    eval "$(sed -n '/^# ---- talking/,/^# ---- registration/p; /^osinfo_file()/,/^}/p' "$2/reconcile")"
    to_log() { :; }
  `;
  return execFileSync("sh", ["-u", "-c", `${functions}\n${script}`, "sh", folder, HOST], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

describe("the formats that docs/formats.md describes", () => {
  it("unpack.list is what build writes", async () => {
    const naming = {
      package: "web-appliance",
      version: "1.0",
      release: "1",
      versionRelease: "1.0-1",
    };
    const lines = example(await part("unpack.list"));
    const [, linked = [], expanded = []] = [
      "",
      ...lines.split("\n").map((line) => line.split("\t")),
    ];
    const list = renderUnpackList(
      naming as Parameters<typeof renderUnpackList>[0],
      [
        { name: "system.qcow2", unpack: { action: "link" } },
        {
          name: "data.raw.zst",
          unpack: {
            action: "expand",
            targetName: "data.raw",
            expanded: { bytes: 1_048_576, sha256: expanded[4] ?? "" },
          },
        },
      ] as unknown as Parameters<typeof renderUnpackList>[1],
      "/payload",
    );
    const measured = list
      .replace("@BYTES(/payload/system.qcow2)@", linked[3] ?? "")
      .replace("@SHA256(/payload/system.qcow2)@", linked[4] ?? "");
    assert.equal(measured, lines);
  });

  it(
    "unpack.list is what reconcile takes, and it refuses other lines",
    withFolder(async (folder) => {
      const lines = example(await part("unpack.list"))
        .trimEnd()
        .split("\n");
      const [first = "", second = ""] = lines;
      const others = [
        first.replace("link", "copy"),
        first.replace("system.qcow2\t", "sys tem.qcow2\t"),
        first.replace("\tweb-appliance-1.0-1", "\tother-1.0-1"),
        `${first}\tmore`,
        first.replace("\t10\t", "\t1e3\t"),
      ];
      const verdict = (line: string): string =>
        shell(
          folder,
          `check_base() { :; }; make_base() { :; }
           IFS=$TAB read -r a b c d e f <<EOF
${line}
EOF
           unpack_line "$a" "$b" "$c" "$d" "$e" "$f"; printf '%s' $?`,
        );
      assert.deepEqual([first, second].map(verdict), ["0", "0"]);
      assert.deepEqual(
        others.map(verdict),
        others.map(() => "2"),
      );
    }),
  );

  it(
    "the record of a base is the same for both, and written by both alike",
    withFolder(async (folder) => {
      const text = example(await part("The record of a base"));
      const [state, base] = [path.join(folder, "state"), path.join(folder, "base")];
      await mkdir(path.join(state, "bases"), { recursive: true });
      await mkdir(base);
      await writeFile(path.join(state, "bases/x"), text);
      const paths = { ...hostPaths(), stateDir: state };
      const record = await readBaseRecord(paths, "x");
      assert.equal(record?.text, text);
      const read = `read_record x; printf '%s %s' "$recorded_sha256" "$recorded_facts"`;
      assert.equal(
        shell(folder, read),
        `${record.sha256} ${record.bytes} ${record.inode} ${record.mtime}`,
      );
      await writeFile(path.join(base, "y"), "content");
      shell(folder, `write_record y ${record.sha256}`);
      const stats = await stat(path.join(base, "y"), { bigint: true });
      const written = await readFile(path.join(state, "bases/y"), "utf8");
      assert.equal(written, renderBaseRecord(record.sha256, stats));
      const again = await readBaseRecord(paths, "y");
      assert.ok(again !== undefined && matchesRecord(again, stats));
    }),
  );

  it(
    "host.conf has the same usable values for both",
    withFolder(async (folder) => {
      const table = rows(await part("host.conf"));
      assert.ok(table.length > 12, `${table.length} rows`);
      for (const [line = "", usable = ""] of table) {
        await mkdir(path.join(folder, "etc/virt-appliance"), { recursive: true });
        await writeFile(path.join(folder, "etc/virt-appliance/host.conf"), `${line}\n`);
        const value = line.slice(line.indexOf("=") + 1);
        const { baseDir, poolName, libvirtUri } = parseSettings(line);
        const expected = usable.startsWith("yes") ? value : undefined;
        assert.equal(baseDir ?? poolName ?? libvirtUri, expected, line);
        const seen = shell(
          folder,
          `root=$1 base=- pool=- uri=-
           read_settings 2>/dev/null; printf '%s\\n' "$problems" "$base" "$pool" "$uri"`,
        ).split("\n");
        const found = seen.slice(1, 4).find((one) => one !== "-");
        assert.deepEqual([seen[0], found], [expected === undefined ? "1" : "0", expected], line);
      }
    }),
  );

  it(
    "the file of an osinfo entry has the same name for both",
    withFolder(async (folder) => {
      const table = rows(await part("The file of an osinfo entry"));
      assert.ok(table.length > 2);
      for (const [appliance = "", file = ""] of table) {
        const [name = "", vr = ""] = appliance.split(", ");
        const [version = "", release = ""] = vr.split("-");
        assert.equal(`virt-appliance/${osinfoFileName({ name, version, release })}`, file);
        const id = `http://virt-appliance/${name}/${version}-${release}`;
        assert.equal(shell(folder, `osinfo_file '${id}'`), file);
      }
    }),
  );
});
