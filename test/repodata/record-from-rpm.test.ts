import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { recordFromRpm } from "../../src/repodata/index.ts";
import { readRpm } from "../../src/rpm/index.ts";
import { rpmbuild } from "../fixtures/rpmbuild-package.ts";
import { withFolder } from "../support/temporary.ts";

const HEADER_MAGIC = Buffer.from("8eade801", "hex");

describe("recordFromRpm", () => {
  it(
    "shows the ten newest changes, where the header is, and what scriptlets require",
    withFolder(async (folder) => {
      const changes = Array.from({ length: 11 }, (_, n) => {
        const day = String(28 - n).padStart(2, "0");
        return `* ${new Date(`2022-02-${day}T12:00:00Z`).toUTCString().slice(0, 3)} Feb ${day} 2022 A B <a@b> - 1-${28 - n}\n- change ${28 - n}`;
      });
      const tags = "Requires(pre): before >= 2\nRequires: always\nRequires(post): behind";
      const body = `%description\nA test.\n%files\n%changelog\n${changes.join("\n")}\n`;
      const built = await rpmbuild(folder, "changes", { tags, body });
      const file = built.find((one) => !one.endsWith(".src.rpm")) ?? "";
      const record = recordFromRpm(await readRpm(file), {
        sha256: "0".repeat(64),
        location: `packages/${path.basename(file)}`,
      });
      const texts = record.changelog.map(({ text }) => text);
      assert.deepEqual(
        texts,
        Array.from({ length: 10 }, (_, n) => `- change ${19 + n}`),
      );
      const bytes = await readFile(file);
      const { start, end } = record.headerRange;
      assert.ok(bytes.subarray(start, start + 4).equals(HEADER_MAGIC));
      const [entries, data] = [bytes.readUInt32BE(start + 8), bytes.readUInt32BE(start + 12)];
      assert.equal(end, start + 16 + entries * 16 + data);
      const requires = record.dependencies.requires ?? [];
      const preOf = (name: string): boolean =>
        requires.find((one) => one.name === name)?.pre === true;
      assert.deepEqual(["before", "always", "behind"].map(preOf), [true, false, true]);
    }),
  );

  it(
    "keeps changes of one day in their order, and leaves out what rpm or the package itself provides",
    withFolder(async (folder) => {
      const days = ["Tue Feb 01", "Tue Feb 01", "Tue Feb 01", "Mon Jan 31"];
      const changes = days.map((day, n) => `* ${day} 2022 A B <a@b> - 1-1\n- change ${4 - n}`);
      const tags =
        "Requires(pretrans): early\nRequires(posttrans): late\nRequires: /etc/own.conf\nRequires: /etc/other.conf";
      const install =
        "%install\nmkdir -p %{buildroot}/etc; echo x >%{buildroot}/etc/own.conf\n%files\n/etc/own.conf\n";
      const body = `%description\nA test.\n${install}%changelog\n${changes.join("\n\n")}\n`;
      const built = await rpmbuild(folder, "order", { tags, body });
      const file = built.find((one) => !one.endsWith(".src.rpm")) ?? "";
      const record = recordFromRpm(await readRpm(file), { sha256: "0".repeat(64), location: "x" });
      const [first, second, third, fourth] = record.changelog;
      assert.deepEqual(
        record.changelog.map(({ text }) => text),
        ["- change 1", "- change 2", "- change 3", "- change 4"],
      );
      assert.equal(Number(second?.timeSeconds) - Number(first?.timeSeconds), 24 * 60 * 60);
      assert.equal(Number(third?.timeSeconds) - Number(second?.timeSeconds), 1);
      assert.equal(Number(fourth?.timeSeconds) - Number(second?.timeSeconds), 2);
      const requires = record.dependencies.requires ?? [];
      assert.deepEqual(requires.map(({ name, pre }) => `${name} ${pre === true}`).toSorted(), [
        "/etc/other.conf false",
        "early true",
        "late true",
      ]);
    }),
  );
});
