import assert from "node:assert/strict";
import { composeKickstart } from "../../src/recipe/compose/compose.ts";
import {
  applianceWith,
  applianceWithBoots,
  composeInput,
  type DiskLine,
} from "../fixtures/compose-input.ts";

const three: readonly DiskLine[] = [
  ["vda", "system", 4096],
  ["vdb", "data", 1024],
  ["vdc", "scratch", 512],
];

/** Layout, disks, and every problem: `error 2 code`. */
const cases: readonly (readonly [string, string, readonly string[], (readonly DiskLine[])?])[] = [
  [
    "a layout that fits",
    "part / --ondisk=vda --size=4094\npart /srv --ondisk=/dev/vdb --size=1\npart swap --ondisk=vdc --size=10\n",
    [],
  ],
  [
    "a disk that is not there",
    "part / --ondisk=vda --size=1\npart /srv --ondisk=vdd --size=1\n",
    ["error 2 disk-unknown", "warning undefined disk-unused", "warning undefined disk-unused"],
  ],
  [
    "partitions beside autopart",
    "ignoredisk --only-use=vda\nautopart\npart /srv --ondisk=vda --size=1\n",
    ["error 3 layout-mixed"],
    [["vda", "system", 4096]],
  ],
  [
    "a partition on a disk that the installer may not use",
    "ignoredisk --only-use=vda\npart / --ondisk=vda --size=1\npart /srv --ondisk=vdb --size=1\n",
    ["error 3 disk-ignored"],
    three.slice(0, 2),
  ],
  [
    "one mount point twice",
    "part / --ondisk=vda --size=1\npart /srv --ondisk=vda --size=1\npart / --ondisk=vda --size=2\n",
    ["warning 3 repeated"],
    [["vda", "system", 4096]],
  ],
  [
    "disks in other commands",
    "clearpart --drives=vda,sda\nignoredisk --only-use=vda,hda\nbootloader --boot-drive=vdx\nmount /dev/vdy1 /srv\npart / --onpart=vdz2\n",
    [
      "error 1 disk-unknown",
      "error 2 disk-unknown",
      "error 3 disk-unknown",
      "error 4 disk-unknown",
      "error 5 disk-unknown",
      "warning undefined disk-unused",
    ],
    [["vda", "system", 4096]],
  ],
  [
    "names that only the installer can resolve",
    "ignoredisk --only-use=vd*\npart / --ondisk=/dev/disk/by-path/pci-0 --size=1\n",
    ["warning 1 disk-opaque", "warning 2 disk-opaque"],
  ],
  [
    "more than a disk holds",
    "part / --ondisk=vda --size=4000\npart /home --ondisk=vda --size=95\n",
    ["error 2 disk-full"],
    [["vda", "system", 4096]],
  ],
  [
    "more than all disks hold",
    "part / --size=4000\npart /home --size=95\n",
    ["error 1 disk-full"],
    [["vda", "system", 4096]],
  ],
  [
    "volumes that fit",
    "part /boot --ondisk=vda --size=1024\npart pv.1 --ondisk=vda --size=1 --grow\nvolgroup vg pv.1\nlogvol / --vgname=vg --name=root --size=3066\n",
    [],
    [["vda", "system", 4096]],
  ],
  [
    "volumes that want more than their group has",
    "part /boot --ondisk=vda --size=1024\npart pv.1 --ondisk=vda --size=1 --grow\nvolgroup vg pv.1\nlogvol / --vgname=vg --name=root --size=3067\n",
    ["error 3 group-full"],
    [["vda", "system", 4096]],
  ],
  [
    "members and groups that nobody makes",
    "part / --ondisk=vda --size=1\nvolgroup vg pv.9\nlogvol /home --vgname=other --name=home --size=1\n",
    ["error 2 member-missing", "error 3 group-missing"],
    [["vda", "system", 4096]],
  ],
  [
    "the system on a data disk",
    "part / --ondisk=vdb --size=1\npart /srv --ondisk=vda --size=1\npart /tmp --ondisk=vdc --size=1\n",
    ["error 1 role-data"],
  ],
  [
    "what must survive on a scratch disk",
    "part / --ondisk=vda --size=1\npart /srv --ondisk=vdc --size=1\npart /home --ondisk=vdb --size=1\n",
    ["warning 2 role-scratch"],
  ],
  [
    "the system on a scratch disk, through a volume group and RAID",
    "part pv.1 --ondisk=vdc --size=400\nvolgroup vg pv.1\nlogvol / --vgname=vg --name=root --size=100\npart raid.1 --ondisk=vda --size=1\npart raid.2 --ondisk=vdb --size=1\nraid /boot --device=boot --level=1 raid.1 raid.2\n",
    ["error 3 role-scratch", "error 6 role-data"],
  ],
  ["autopart over all disks", "autopart\n", ["error 1 role-autopart"]],
  ["autopart on the system's", "ignoredisk --only-use=vda\nautopart\n", []],
  [
    "a clearpart that takes data along",
    "clearpart --all\nignoredisk --drives=vdc\nautopart --type=plain\n",
    ["error 3 role-autopart", "warning 1 role-clearpart"],
  ],
  [
    "partitions that may end up anywhere",
    "part / --size=1\n",
    ["warning 1 disk-unsaid"],
    [
      ["vda", "system", 4096],
      ["vdb", "system", 4096],
    ],
  ],
  [
    "nothing at the root",
    "part /home --ondisk=vda --size=1\n",
    ["error undefined root-missing"],
    [["vda", "system", 4096]],
  ],
  [
    "a root that a script makes",
    "%include /tmp/layout\n%pre\necho part / >/tmp/layout\n%end\n",
    ["warning 1 include-unchecked"],
    [["vda", "system", 4096]],
  ],
  [
    "disks without a name, and with one of an old bus",
    "part / --ondisk=vda --size=1\npart /srv --ondisk=vdb --size=1\npart /home --ondisk=sdc --size=1\n",
    [],
    [
      [undefined, "system", 64],
      ["hdb", "data", 64],
      ["sdc", "data", 64],
    ],
  ],
];

describe("checkStorage", () => {
  it("names the disks that a clearpart would clear", () => {
    const recipe = "clearpart --all\nignoredisk --drives=vdc\npart / --ondisk=vda --size=1\n";
    const { problems } = composeKickstart(
      composeInput({ recipe }, { appliance: applianceWith(...three) }),
    );
    const found = problems.find(({ code }) => code === "role-clearpart");
    assert.equal(
      found?.message,
      "clearpart --all: also clears data disk vdb when a VM is installed again; name the others with --drives",
    );
  });

  for (const [name, recipe, expected, disks = three] of cases) {
    it(`tells of ${name}: ${expected.join(", ") || "nothing"}`, () => {
      const { problems } = composeKickstart(
        composeInput({ recipe }, { appliance: applianceWith(...disks) }),
      );
      assert.deepEqual(
        problems
          .map(({ severity, line, code, origin }) =>
            origin === "appliance.xml"
              ? `${severity} undefined ${code}`
              : `${severity} ${line} ${code}`,
          )
          .sort(),
        [...expected].sort(),
      );
    });
  }
});

/** Problems of a layout when there are several ways to boot. */
function messagesOf(
  recipe: string,
  boots: readonly (readonly string[])[],
  roles: readonly DiskLine[1][] = ["system", "data"],
): readonly string[] {
  const input = composeInput({ recipe }, { appliance: applianceWithBoots(roles, ...boots) });
  return composeKickstart(input).problems.map(
    ({ severity, code, message }) => `${severity} ${code} ${message}`,
  );
}

describe("the disks of several boots", () => {
  const layout = "part / --ondisk=vda --size=1024\npart /srv --ondisk=vdb --size=512\n";

  it("may be named alike", () => {
    const boots = [
      ["vda", "vdb"],
      ["vda", "vdb"],
    ];
    assert.deepEqual(messagesOf(layout, boots), []);
  });

  it("are each held against the layout", () => {
    const found = messagesOf(layout, [
      ["vda", "vdb"],
      ["xvda", "xvdb"],
    ]);
    const unknown = found.filter((line) => line.startsWith("error disk-unknown"));
    assert.deepEqual(unknown, [
      'error disk-unknown boot 2 (xen, x86_64): part: disk "vda" is not in the descriptor, expected one of xvda, xvdb',
      'error disk-unknown boot 2 (xen, x86_64): part: disk "vdb" is not in the descriptor, expected one of xvda, xvdb',
    ]);
  });

  it("are held against it by role, when names are exchanged", () => {
    const found = messagesOf(layout, [
      ["vda", "vdb"],
      ["vdb", "vda"],
    ]);
    const [role] = found.filter((line) => line.startsWith("error role-data"));
    assert.match(role ?? "", /^error role-data boot 2 \(xen, x86_64\): /);
  });

  it("a problem of all boot descriptors is reported once", () => {
    const found = messagesOf("part / --ondisk=hdz --size=1\npart /srv --size=1\n", [
      ["vda", "vdb"],
      ["vdb", "vda"],
    ]);
    assert.equal(found.filter((line) => line.includes('"hdz"')).length, 1);
    assert.ok(
      !found.some((line) => line.includes("boot 1") && line.includes('"hdz"')),
      found.join(),
    );
  });
});
