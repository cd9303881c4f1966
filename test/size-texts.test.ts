import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const src = fileURLToPath(new URL("../src/", import.meta.url));

/** A number in a text that is followed by its unit, or whose name says that it counts bytes. */
const rawSizes = [
  /\$\{[^{}]*\}\s*(?:bytes?|KiB)\b/g,
  /\$\{[\w.#?]*(?:[bB]ytes|BYTES|KiB|[sS]ize)\}(?!\s*(?:bytes?|KiB)\b)/g,
] as const;

/** How many texts of a file hold the bare number, by the reason for it. */
const argued: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "two exact sizes differ, and rounding would hide by how much": {
    "repodata/stored-index.ts": 2,
    "repodata/open-metadata.ts": 3,
    "repository/check-repository.ts": 2,
    "appliance/read-disks.ts": 2,
    "source/check-files.ts": 2,
    "draft/from-disk.ts": 2,
    "image/convert.ts": 2,
    "image/inspect.ts": 2,
    "image/headers/finding.ts": 1,
    "host/catalogue/base.ts": 2,
    "lib/sparse/map.ts": 1,
    "lib/tar/read-entry.ts": 2,
    "rpm/native/staged-file.ts": 4,
    "rpm/read.ts": 1,
    "sign/payload-expander.ts": 1,
    "sign/payload-observer.ts": 1,
  },
  "a format says how many bytes a part of it has": {
    "image/headers/qcow1.ts": 2,
    "image/headers/qcow2.ts": 7,
    "image/headers/vdi.ts": 2,
    "image/headers/vmdk.ts": 2,
    "rpm/format/header-decode.ts": 4,
    "rpm/format/lead.ts": 1,
    "sign/signature-decode.ts": 3,
    "sign/signature-header-check.ts": 2,
  },
  "a name has bytes, which need not be its characters": {
    "appliance/validate-files.ts": 1,
    "lib/safe-path.ts": 1,
    "rpm/validate/entries.ts": 4,
    "rpm/validate/identity.ts": 1,
    "rpm/spec/run-rpmbuild.ts": 1,
    "source/member-guard.ts": 1,
  },
  "the author wrote KiB, and sees the number that is wrong": { "appliance/validate.ts": 1 },
  "a program reads it": {
    "cli/commands/repo/serve.ts": 1,
    "host/catalogue/base-record.ts": 1,
    "image/compress-raw.ts": 1,
    "lib/sparse/scan.ts": 1,
    "lib/bytes/piecewise-digest.ts": 1,
    "libvirt/virsh-control.ts": 1,
    "package/catalogue.ts": 1,
    "repodata/render-package.ts": 3,
    "repodata/repomd.ts": 2,
  },
  "the user states this size to the byte": {
    "cli/options/engine-options.ts": 2,
    "rpm/replace-signatures.ts": 1,
    "rpm/signature-space.ts": 1,
  },
  "it is a text already": { "cli/commands/show-vm.ts": 1 },
  "where sizes become texts": { "lib/format-size.ts": 2 },
};

describe("sizes in texts", () => {
  it("are written for people, but where the exact number is the fact", async () => {
    const names = await readdir(src, { recursive: true });
    const found: Record<string, number> = {};
    for (const name of names.filter((each) => each.endsWith(".ts"))) {
      const text = await readFile(path.join(src, name), "utf8");
      const count = rawSizes.reduce((sum, raw) => sum + [...text.matchAll(raw)].length, 0);
      if (count > 0) found[name] = count;
    }
    const allowed = Object.assign({}, ...Object.values(argued)) as Record<string, number>;
    assert.deepEqual(found, allowed, "use formatSize or formatSizes of lib/format-size.ts");
  });
});
