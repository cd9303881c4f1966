import assert from "node:assert/strict";
import { copyFile, cp, mkdir, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { digestFile } from "../../src/lib/bytes/digest.ts";
import {
  packageFileNames,
  type PackageRecord,
  recordFromRpm,
  updateRepodata,
} from "../../src/repodata/index.ts";
import { readRpm } from "../../src/rpm/index.ts";
import { testContext } from "../support/context.ts";
import {
  digestEntries,
  digestTags,
  int32Entry,
  int64Entry,
  joinRpm,
  payloadDigestTags,
  type RawEntry,
  splitRpm,
  stringEntry,
  stringsEntry,
  withTags,
} from "../fixtures/rpm-parts.ts";
import { fullPackage } from "../fixtures/full-package.ts";
import { buildInto } from "../fixtures/package-plan.ts";
import { rpmbuild, type SpecParts } from "../fixtures/rpmbuild-package.ts";
import { temporaryFolder } from "../support/temporary.ts";

const changelog = Array.from({ length: 13 }, (_, i) => {
  const day = ["Thu Nov 14", "Thu Nov 14", "Thu Nov 14", "Wed Nov 13", "Tue Nov 12"][
    Math.min(i, 4)
  ];
  return `* ${day} 2024 Zoë Tester <zoe@example.com>   \n- entry ${13 - i}, ünï & <tags>\n- "quoted"\n`;
}).join("");

const specs: Readonly<Record<string, SpecParts>> = {
  everything: {
    version: "1.0~rc1^git2",
    tags: `Epoch: 3
Summary: Grüße & <tags> "quotes" 'apos' > end
Group: System/Base
Vendor: Example & Co
Packager: Somebody <somebody@example.com>
URL: http://example.com/?a=1&b="2"
Requires: foo >= 1:2-3, /usr/bin/everything, /usr/share/everything/data, own-virtual = 2
Requires: libc.so.6, libc.so.6(GLIBC_2.4), libc.so.6(GLIBC_2.14)(64bit), libc.so.6()(64bit)
Requires: libc.so.6(GLIBC_2.9)(64bit), libcx.so.1, own-virtual = 3, own-virtual
Requires(pre): shadow, foo >= 1:2-3, foo >= 1:2-4
Requires(post): from-post
Requires(preun): from-preun
Requires(postun): from-postun
Requires: (a if b), ((x >= 1 and y) or z), bar < 2, bar > 1, baz <= 3, bad = 4~5^6-7
Provides: own-virtual = 2, bundled(x) = 1:2, /usr/some/path, installonlypkg(vm)
Recommends: rec > 1, (r if s)
Suggests: sug
Supplements: (sup and p)
Enhances: enh = 1
Conflicts: con < 2, con2 <= 3
Obsoletes: obs < 5`,
    body: `%description
Line one & two
  indented <b>
	tab

last
%install
mkdir -p %buildroot/usr/bin %buildroot/usr/sbin %buildroot/usr/lib %buildroot/usr/share/everything/sub %buildroot/etc/everything.d %buildroot/var/log %buildroot/opt/xbin/y
echo 1 > %buildroot/usr/bin/everything; echo 2 > %buildroot/usr/share/everything/data; echo c > %buildroot/etc/everything.conf
touch %buildroot/var/log/everything.log %buildroot/opt/xbin/y/z "%buildroot/usr/share/everything/spa ce" %buildroot/usr/share/everything/ünï
touch %buildroot/usr/lib/sendmail '%buildroot/usr/share/everything/a&b' %buildroot/etc/ghost.conf %buildroot/usr/sbin/ghost
mkdir -p %buildroot/etc/ghost-folder
ln -s everything %buildroot/usr/bin/link
%files
/usr/bin/everything
/usr/bin/link
/usr/lib/sendmail
%dir /usr/share/everything
/usr/share/everything/*
%config(noreplace) /etc/everything.conf
/etc/everything.d
%ghost /var/log/everything.log
%ghost /etc/ghost.conf
%ghost /usr/sbin/ghost
%ghost %dir /etc/ghost-folder
/opt/xbin
%post
true
%preun -p /bin/sh
true
%changelog
${changelog}`,
  },
  "plus+name": { version: "1+2", tags: "Requires: c++ >= 1" },
  latin: {
    encoding: "latin1",
    tags: "Vendor: Größe § GmbH\nPackager: plain\nProvides: größe = 1\nRequires: ähnlich >= 2, plain\nRecommends: übrig",
    body: `%description
Ä paragraph: § 1 · naïve
%install
mkdir -p %buildroot/usr/share/latin/bin
touch %buildroot/usr/share/latin/bin/größe %buildroot/usr/share/latin/plain
%files
/usr/share/latin
%changelog
* Thu Nov 14 2024 Jürgen <j@example.com> - 1-1
- geändert §
`,
  },
  empty: {},
  "empty-newer": { version: "2" },
  Capital: { tags: "BuildArch: x86_64\nExclusiveArch: x86_64" },
};

/** Packages as older and other builders made them, from one of rpmbuild. */
function oddPackages(bytes: Buffer): Buffer[] {
  const parts = splitRpm(bytes);
  const make = (
    name: string,
    without: readonly number[],
    set: readonly RawEntry[],
    keep: readonly number[],
  ): Buffer => {
    const main = withTags(parts.main, { without, set: [stringEntry(1000, name)] });
    const { sha1, sha256, md5, header } = digestEntries({ ...parts, main });
    const size = int32Entry(1000, header.length + parts.payload.length);
    const digests = [sha1, sha256, md5].filter(({ tag }) => keep.includes(tag));
    const signature = withTags(parts.signature, {
      without: digestTags,
      set: [size, ...digests, ...set],
    });
    return joinRpm({ ...parts, main, signature });
  };
  return [
    make("md5-alone", payloadDigestTags, [], [1004]),
    make("wrong-archive-size", [], [int32Entry(1007, 12)], [273]),
    make("no-archive-size", [1106], [int64Entry(271, 2n ** 40n)], [269, 273]),
    make("file-signatures", [], [stringsEntry(274, ["0302"]), int32Entry(275, 2)], [273]),
    make("no-tag-for-sources", [1106], [], digestTags),
  ];
}

/** Differences from createrepo_c's output that we want, each with its reason. */
const exemptions: readonly { readonly reason: string; readonly apply: (xml: string) => string }[] =
  [
    {
      reason: "pretrans and posttrans requirements are marked pre since createrepo_c 1.1.1",
      apply: (xml) => xml.replaceAll(/(name="from-(?:pretrans|posttrans)")\/>/g, '$1 pre="1"/>'),
    },
  ];

describe("repository metadata beside createrepo_c's", () => {
  const { run } = testContext();
  const folder = temporaryFolder();
  let packages: string;
  let records: PackageRecord[];

  before(async () => {
    packages = path.join(folder, "repository", "packages");
    await mkdir(packages, { recursive: true });
    records = [];
    const withTrans = {
      tags: "Requires(pretrans): from-pretrans\nRequires(posttrans): from-posttrans",
    };
    const native = await buildInto(folder, fullPackage("1~rc2"), { staged: { disk: "disk" } });
    const entries = Object.entries({ ...specs, transactions: withTrans });
    const all = entries.map(
      ([name, parts]) => [name, (): Promise<string[]> => rpmbuild(folder, name, parts)] as const,
    );
    for (const [name, build] of [...all, ["full", async () => [native.path]] as const]) {
      const built = await build();
      const odd = name === "Capital" ? await Promise.all(built.map((file) => readFile(file))) : [];
      for (const [i, bytes] of odd.flatMap(oddPackages).entries()) {
        built.push(path.join(folder, `odd-${i}.rpm`));
        await writeFile(path.join(folder, `odd-${i}.rpm`), bytes);
      }
      for (const file of built) {
        const rpm = await readRpm(file);
        const target = path.join(packages, packageFileNames(rpm).preferred);
        await copyFile(file, target);
        const record = recordFromRpm(rpm, {
          sha256: await digestFile(file),
          location: `packages/${path.basename(target)}`,
        });
        await utimes(target, record.buildTimeSeconds, record.buildTimeSeconds);
        records.push(record);
      }
    }
    await run("createrepo_c", [
      "--no-database",
      "--revision=1700000000",
      "--set-timestamp-to-revision",
      path.dirname(packages),
    ]);
  });

  async function oracle(type: string): Promise<string> {
    const repodata = path.join(path.dirname(packages), "repodata");
    const name = (await readdir(repodata)).find((one) => one.endsWith(`-${type}.xml.gz`)) ?? "";
    return gunzipSync(await readFile(path.join(repodata, name))).toString("utf8");
  }

  for (const type of ["primary", "filelists", "other"] as const) {
    it(`writes the same ${type}`, async () => {
      const ours = await updateRepodata(undefined, { add: records });
      const [, bytes] = [...ours.files].find(([name]) => name.includes(`-${type}.`)) ?? [];
      const expected = exemptions.reduce((xml, one) => one.apply(xml), await oracle(type));
      assert.equal(gunzipSync(bytes ?? "").toString("utf8"), expected);
    });
  }

  it("writes the same repomd.xml, but for what compression decides", async () => {
    const ours = await updateRepodata(
      undefined,
      { add: records },
      { timestampSeconds: 1700000000 },
    );
    const file = path.join(path.dirname(packages), "repodata", "repomd.xml");
    // Primary differs in its open-checksum for the exemptions above.
    const comparable = (xml: string): string =>
      xml
        .replaceAll(/<(checksum|size|open-size)([^>]*)>[0-9a-f]+</g, "<$1$2>…<")
        .replaceAll(/[0-9a-f]{64}-/g, "…-")
        .replace(/<open-checksum type="sha256">[0-9a-f]+</, "<open-checksum>…<");
    assert.equal(
      comparable(Buffer.from(ours.repomd).toString("utf8")),
      comparable(await readFile(file, "utf8")),
    );
  });

  it("is taken over by createrepo_c --update", async () => {
    const ours = await updateRepodata(undefined, { add: records });
    const target = path.join(folder, "updated");
    await cp(path.dirname(packages), target, { recursive: true });
    const repodata = path.join(target, "repodata");
    await rm(repodata, { recursive: true });
    await mkdir(repodata);
    await writeFile(path.join(repodata, "repomd.xml"), ours.repomd);
    for (const [name, content] of ours.files) await writeFile(path.join(target, name), content);
    await run("createrepo_c", ["--update", "--skip-stat", "--no-database", target]);
    for (const [name, content] of ours.files) {
      const type = /-(\w+)\.xml\.gz$/.exec(name)?.[1] ?? "";
      const theirs = (await readdir(repodata)).find((one) => one.endsWith(`-${type}.xml.gz`)) ?? "";
      assert.equal(
        gunzipSync(await readFile(path.join(repodata, theirs))).toString("utf8"),
        gunzipSync(content).toString("utf8"),
      );
    }
  });
});
