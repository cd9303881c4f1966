import assert from "node:assert/strict";
import * as fc from "fast-check";
import { lintKickstart } from "../../src/recipe/kickstart/lint-kickstart.ts";
import { parseKickstart } from "../../src/recipe/kickstart/parse-kickstart.ts";
import { parseRelease } from "../../src/recipe/kickstart/release.ts";
import { renderKickstart } from "../../src/recipe/kickstart/render-kickstart.ts";

/** Every problem of a text: `error 2 code`. */
function findings(text: string, release = "F40"): string[] {
  const parsed = parseKickstart(text, "test.ks");
  const found = [...parsed.problems, ...lintKickstart(parsed.kickstart, parseRelease(release))];
  return found.map(({ severity, line, code }) => `${severity} ${line} ${code}`).sort();
}

const full = `# A comment, then a blank line

part / --size=4096 --fstype xfs  # trailing
%include base.ks
  %packages --excludedocs
@core

# kept
-firewalld
%end
%post --log=/root/post.log
echo "50%end is not the end"
  %notasection stays
%end
`;

describe("parseKickstart", () => {
  it("separates items, with their lines", () => {
    const { kickstart, problems } = parseKickstart(full, "test.ks");
    assert.deepEqual(problems, []);
    assert.deepEqual(
      kickstart.items.map((item) => [item.kind, item.line]),
      [
        ["blank", 1],
        ["blank", 2],
        ["command", 3],
        ["include", 4],
        ["section", 5],
        ["section", 11],
      ],
    );
    const part = kickstart.items[2];
    assert.ok(part?.kind === "command");
    assert.deepEqual(
      part.words.map(({ value }) => value),
      ["part", "/", "--size=4096", "--fstype", "xfs"],
    );
  });

  it("renders what it parsed, byte for byte", () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("%post", "%end", "%packages", "part", "\n", "\r\n", " ", "'", '"', "#", "\\"),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join("");
        assert.equal(renderKickstart(parseKickstart(text, "x").kickstart), text);
      }),
      { numRuns: 500 },
    );
    assert.equal(renderKickstart(parseKickstart(full, "x").kickstart), full);
  });

  it("refuses a document that is larger than any kickstart", () => {
    const { problems } = parseKickstart("# x\n".repeat(300_000), "x");
    assert.deepEqual(
      problems.map(({ code }) => code),
      ["too-large"],
    );
  });
});

/** The fault, and the problems that must be reported. */
type Case = readonly [text: string, problems: readonly string[], release?: string];

const cases: readonly Case[] = [
  ["lang en_US\nkeyboard us\n", []],
  ["part / --size=big --ondisk=vda\n", ["error 1 option-value"]],
  ["part / --size\n", ["error 1 option-value"]],
  ["part / --size --grow\n", ["error 1 option-value"]],
  ["part / --grow=yes\n", ["error 1 option-value"]],
  ["part / --siz=5\n", []],
  ["part\n", ["error 1 words"]],
  ["part / /boot\n", ["error 1 words"]],
  ["part / --flavour=mild\n", ["warning 1 option-unknown"]],
  ["autopart --type=zfs\n", ["error 1 option-value"]],
  ["network --onboot=maybe\n", ["error 1 option-value"]],
  ["network --bootproto=static --ip=192.0.2.1\n", []],
  ["frobnicate --now\n", ["warning 1 command-unknown"]],
  ["%frobnicate\nx\n%end\n", ["warning 1 section-unknown"]],
  ["%packages\n@core\n", ["error 1 end-missing"]],
  ["%packages\n@core\n%post\necho\n%end\n", ["error 1 end-missing"]],
  ["%packages --timeout=soon\n%end\n", ["error 1 option-value"]],
  ["%end\n", ["error 1 end-stray"]],
  ["rootpw 'x\n", ["error 1 quotes"]],
  ["rootpw x\\", ["error 1 quotes"]],
  ["%include\n", ["error 1 include-bad"]],
  ["%include a b\n", ["error 1 include-bad"]],
  ["lang a\0\n", ["error 1 not-text"]],
  // What installers take for the end of a line would show them a command where we saw a comment.
  ["text\n# x\rrootpw evil\n", ["error 2 not-text"]],
  ["# x\u2028rootpw evil\n", ["error 1 not-text"]],
  ["# x\u2029rootpw evil\n", ["error 1 not-text"]],
  ["# x\u0085rootpw evil\n", ["error 1 not-text"]],
  ["text\r\nlang a\r\n", []],
  ["\ufeff# Windows\ntext\n", ["error 1 not-text"]],
  ["text\n%post\necho \u001b[2J\n%end\n", ["error 3 not-text"]],
  ["device virtio_blk\n", ["error 1 command-removed"]],
  ["device virtio_blk\n", ["error 1 command-removed"], "RHEL9"],
  ["auth --enableshadow\n", ["error 1 command-removed"]],
  ["auth --enableshadow\n", ["warning 1 command-deprecated"], "RHEL9"],
  ["rhsm --organization=1\n", ["error 1 command-too-new"]],
  ["rhsm --organization=1 --activation-key=k\n", [], "RHEL9"],
  ["rhsm --organization=1\n", ["error 1 option-missing"], "RHEL9"],
  ["repo --baseurl=http://tree.example.com/\n", ["error 1 option-missing"]],
  ["harddrive --dir=/x\n", [], "RHEL8"],
  ["harddrive --dir=/x\n", ["error 1 option-missing"], "RHEL9"],
  ["%certificate --dir=/etc/pki\n%end\n", ["error 1 option-missing"]],
  ["btrfs none --bogus\n", ["error 1 command-removed"], "RHEL8"],
  ["btrfs none\n", ["error 1 command-removed"], "RHEL9"],
  ["btrfs none\n", ["error 1 command-removed"], "RHEL10"],
  ...["reiserfs", "jfs", "f2fs", "ntfs", "nonsense"].flatMap((format): readonly Case[] =>
    ["RHEL7", "RHEL8", "RHEL9", "RHEL10"].flatMap((release): readonly Case[] => [
      [`part / --fstype=${format} --size=1\n`, ["error 1 option-value"], release],
      [
        `logvol / --fstype=${format} --size=1 --vgname=v --name=l\n`,
        ["error 1 option-value"],
        release,
      ],
      [
        `raid / --fstype=${format} --level=1 --device=0 raid.1\n`,
        ["error 1 option-value"],
        release,
      ],
      [`autopart --fstype=${format}\n`, ["error 1 option-value"], release],
    ]),
  ),
  ...["jfs", "f2fs", "ntfs"].map((format): Case => [
    `mount /dev/vda1 / --reformat=${format}\n`,
    ["error 1 option-value"],
    "RHEL9",
  ]),
  ...["f2fs", "ntfs"].map((format): Case => [`part / --fstype=${format} --size=1\n`, []]),
  ["part / --fstype=reiserfs --size=1\n", ["warning 1 value-unknown"], "RHEL11"],
  ...["RHEL8", "RHEL9", "RHEL10"].flatMap((release): readonly Case[] => [
    ["autopart --type=btrfs\n", ["error 1 option-value"], release],
    ["part / --fstype=btrfs --size=1\n", ["error 1 option-value"], release],
    ["part / --fstype BTRFS --size=1\n", ["error 1 option-value"], release],
    ["partition btrfs.1 --size=1\n", ["error 1 words"], release],
    ["logvol / --fstype=btrfs --size=1 --vgname=v --name=l\n", ["error 1 option-value"], release],
    ["raid / --fstype=btrfs --level=1 --device=0 raid.1\n", ["error 1 option-value"], release],
    ["mount /dev/vda1 / --reformat=btrfs\n", ["error 1 option-value"], release],
    ["part / --luks-version=luks2-hw-opal --size=1\n", ["error 1 option-value"], release],
  ]),
  ...["RHEL7", "F40"].flatMap((release): readonly Case[] => [
    ["autopart --type=btrfs\n", [], release],
    ["part / --fstype=btrfs --size=1\n", [], release],
    ["partition btrfs.1 --size=1\n", [], release],
    ["logvol / --fstype=btrfs --size=1 --vgname=v --name=l\n", [], release],
    ["autopart --fstype=btrfs\n", ["error 1 option-value"], release],
    ["autopart --type=btrfs --fstype=ext4\n", ["error 1 option-clash"], release],
  ]),
  ["part / --luks-version=luks2-hw-opal --hw-passphrase=x --size=1\n", [], "F41"],
  ["part / --fstype=reiserfs --size=1\n", ["warning 1 value-unknown"]],
  ["part / --fstype=@@format@@ --size=1\n", []],
  ["vnc --host=a\n", []],
  ["vnc\n", ["warning 1 command-deprecated"], "RHEL10"],
  ["module --name=php\n", ["error 1 command-removed"], "F45"],
  ["url --proxy=http://p.example.com/\n", ["error 1 option-missing"]],
  [
    "url --url=http://a.example.com/ --mirrorlist=http://b.example.com/\n",
    ["error 1 option-clash"],
  ],
  ["url --url=http://a.example.com/ --url=\n", ["error 1 option-missing"]],
  ["url --url=\n", ["error 1 option-missing"]],
  ["services\n", ["error 1 option-missing"]],
  ["keyboard --switch=grp:alt\n", ["error 1 option-missing"]],
  ["rootpw --lock\n", []],
  ["rootpw --iscrypted\n", ["error 1 option-missing"]],
  ["logvol / --vgname=a --name=b\n", ["error 1 option-missing"]],
  ["logvol / --vgname=a --name=b --percent=50\n", []],
  ["volgroup vg\n", ["error 1 option-missing"]],
  ["volgroup vg --useexisting\n", []],
  ["raid / --device=0 raid.1 raid.2\n", ["error 1 option-missing"]],
  ["logging --port=514\n", ["error 1 option-missing"]],
  ["part / --size=5 --resize\n", ["error 1 option-missing"]],
  ["cmdline --non-interactive\n", ["warning 1 option-unknown"]],
  ["%traceback\n%end\n", ["warning 1 section-deprecated"], "RHEL9"],
  ["timesource --ntp-server=ntp.example.com\n", [], "RHEL9"],
  ["timesource --ntp-server=ntp.example.com\n", ["error 1 command-too-new"], "RHEL8"],
  ["timezone UTC --ntpservers=a,b\n", ["warning 1 option-deprecated"], "RHEL9"],
  ["bootloader --upgrade\n", ["error 1 option-removed"]],
  ["timezone UTC --isUtc\n", ["warning 1 option-deprecated"]],
  ["timezone UTC --isUtc\n", ["error 1 option-removed"], "RHEL10"],
  ["bootloader --append=-x\n", []],
  ["raid / --level=1 raid.1 raid.2 --device=0\n", []],
  ["%addon com_redhat_kdump --enable --reserve-mb=auto\n%end\n", []],
  ["%pre-install --interpreter=/usr/bin/python3 --erroronfail\n%end\n", []],
  // The first finding of pykickstart about each file of the field, on files of our own.
  ["lang C\n%packages --excludeWeakdeps\n%end\n", ["warning 2 option-deprecated"], "RHEL9"],
];

describe("lintKickstart", () => {
  for (const [text, expected, release = "F40"] of cases) {
    it(`says of ${JSON.stringify(text)} for ${release}: ${expected.join(", ") || "nothing"}`, () => {
      assert.deepEqual(findings(text, release), [...expected].sort());
    });
  }

  const has =
    "biosboot, efi, ext2, ext3, ext4, lvmpv, macefi, mdmember, prepboot, swap, tmpfs, vfat, xfs";
  for (const [text, message] of [
    ["part / --size=1 --fstype=reiserfs", `part --fstype: RHEL9 has ${has}, found "reiserfs"`],
    [
      "part / --size=1 --fstype=ntfs",
      `part --fstype: ntfs: RHEL9 does not support it, expected one of ${has}`,
    ],
    [
      "part / --size=1 --fstype=btrfs",
      `part --fstype: btrfs: RHEL9 does not support it, expected one of ${has}`,
    ],
    [
      "autopart --type=zfs",
      'autopart --type: expected one of lvm, partition, plain, thinp, found "zfs"',
    ],
    [
      "part / --size=1 --luks-version=luks3",
      'part --luks-version: expected one of luks1, luks2, found "luks3"',
    ],
    ["btrfs none --data=0", "btrfs: RHEL9 does not support it and creates nothing"],
  ] as const) {
    it(`names what RHEL9 has and what it does not: ${text}`, () => {
      const parsed = parseKickstart(`${text}\n`, "web.ks");
      const problems = lintKickstart(parsed.kickstart, parseRelease("RHEL9"));
      assert.deepEqual(
        problems.map((each) => each.message),
        [message],
      );
    });
  }

  it("finds everything at once", () => {
    const broken = `lang en_US
part / --size=big --ondisk=vda
frobnicate --now
%packages
@core
%post
echo no end above
`;
    assert.deepEqual(findings(broken), [
      "error 2 option-value",
      "error 4 end-missing",
      "error 6 end-missing",
      "warning 3 command-unknown",
    ]);
  });
});
