/** Returns text of one line over and over, as long as a document may be; `#` counts up. */
export function fill(line: string, characters = 1_040_000): string {
  const lines: string[] = [];
  for (let size = 0, n = 0; size + line.length + 8 < characters; n++) {
    const next = line.replaceAll("#", String(n));
    lines.push(next);
    size += next.length;
  }
  return lines.join("");
}

/** Returns a line so many times, or the names that stand in one. */
export function times(count: number, line: string): string {
  return Array.from({ length: count }, (_, n) => line.replaceAll("#", String(n))).join("");
}

/** Documents whose statements name each other, or are as many as a document holds. */
export const hostileKickstarts: readonly (readonly [name: string, text: string])[] = [
  ["unknown commands", fill("x\n")],
  ["empty lines", fill("\n")],
  ["stray ends", fill("%end\n")],
  ["unclosed quotes", fill("a '\n")],
  ["quotes", `x ${fill("''")}\n`],
  ["sections without end", fill("%post\n")],
  ["empty sections", fill("%post\n%end\n")],
  ["add-ons of one name", fill("%addon a\nx\n%end\n")],
  [
    "a long add-on, and short ones",
    `%addon a\n${fill("x\n", 90_000)}%end\n${times(400, "%addon a\n%end\n")}`,
  ],
  ["partitions", fill("part /# --size=1 --ondisk=vda --grow\n")],
  ["growing partitions without disk", fill("part pv.# --size=1 --grow\n")],
  [
    "volume groups and members that name each other",
    `part / --size=1\n${times(9, `volgroup v# ${times(9, "pv.# ")}\nlogvol pv.# --vgname=v# --name=l# --size=1\n`)}`,
  ],
  [
    "arrays and groups that name each other",
    times(
      60,
      `raid pv.# --device=r# --level=1 ${times(60, "pv.# ")}\nvolgroup r# ${times(60, "pv.# ")}\nlogvol /m# --vgname=r# --name=l# --size=1\n`,
    ),
  ],
  ["btrfs volumes of each other", times(60, `btrfs btrfs.# ${times(60, "btrfs.# ")}\n`)],
  [
    "many volumes on many members",
    `${times(600, "part pv.# --size=1 --ondisk=vda --grow\n")}volgroup g ${times(3900, "pv.1 ")}\n${times(1300, "logvol /l# --vgname=g --name=l# --size=1\n")}`,
  ],
  [
    "many groups on many members",
    `${times(900, "part pv.# --size=1 --grow\n")}${times(900, `volgroup g# ${times(20, "pv.# ")}\n`)}${times(600, "logvol /l# --vgname=g# --name=l# --size=1\n")}`,
  ],
  ["disks in a list", `ignoredisk --only-use=${fill("a#,", 32_000)}\nclearpart --all\n`],
  ["a number that does not end well", times(30, `part / --onpart=${"1".repeat(32_000)}x\n`)],
  ["services, line by line", fill("services --enabled=s# --disabled=s#\n")],
  ["a firewall, on and off", fill("firewall --disabled --enabled --port=#:tcp\n")],
  ["sections of packages", fill("%packages --nocore --ignoremissing\n@core\n%end\n")],
  ["packages, wanted and unwanted", `%packages\n${fill("p#\n-p#\n")}%end\n`],
  ["includes", fill("%include x#\n")],
  ["options", fill(`part / ${times(900, "--size=# ")}\n`)],
  ["placeholders in words", fill(`repo --name=${times(3000, "@@a@@ ")}\n`)],
  ["placeholders in lines", `%packages\n${fill("@@a@@ @@b@@\n")}%end\n`],
  ["scripts that name parameters", fill("%post\necho $va_p1 $va_p2\n%end\n")],
  ["backslashes", `part ${"\\".repeat(1_000_000)}\n`],
  ["spaces", `x${" ".repeat(1_000_000)}\n`],
  ["spaces in a script", `%post\n${" ".repeat(1_000_000)}%\n%end\n`],
  ["addresses", fill("url --url=http://u:p@h/ --proxy=://a://a\n")],
  ["long names", times(60, `volgroup ${"g".repeat(16_000)} ${times(300, "pv.# ")}\n`)],
];
