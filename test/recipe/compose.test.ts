import assert from "node:assert/strict";
import { composeKickstart } from "../../src/recipe/compose/compose.ts";
import { parseKickstart } from "../../src/recipe/kickstart/parse-kickstart.ts";
import { composeInput, layout } from "../fixtures/compose-input.ts";

type Documents = Parameters<typeof composeInput>[0];

interface Outcome {
  /** Lines of the result without comments and without the layout. */
  readonly lines: readonly string[];
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

function compose(documents: Documents): Outcome {
  const { text, problems, notes } = composeKickstart(composeInput(documents));
  assert.deepEqual(parseKickstart(text, "composed.ks").problems, []);
  return {
    lines: text.split("\n").filter((line) => !/^(#.*|)$|^part |^%include/.test(line)),
    problems: problems.map(({ origin, line, code, severity }) => {
      const kind = severity === "error" ? "" : ` ${severity}`;
      return `${origin}:${line} ${code}${kind}`;
    }),
    notes,
  };
}

/** Documents, the result, and its problems. */
const cases: readonly (readonly [string, Documents, Partial<Outcome>])[] = [
  [
    "joins what does not touch",
    { recipe: `${layout}repo --name=a --baseurl=http://a\n`, site: "lang de_DE\nkeyboard de\n" },
    { lines: ["repo --name=a --baseurl=http://a", "lang de_DE", "keyboard de"] },
  ],
  [
    "keeps what two say alike once",
    { recipe: `${layout}selinux --enforcing\n`, site: "selinux   '--enforcing'\n" },
    { lines: ["selinux --enforcing"] },
  ],
  [
    "reports what builder and site say differently",
    { recipe: `${layout}selinux --enforcing\n`, site: "selinux --permissive\n" },
    { problems: ["site.ks:1 clash"] },
  ],
  [
    "reports what the site says differently from a builder who agrees with what is stock",
    {
      stock: "selinux --enforcing\nservices --enabled=a\n%packages\nhttpd\n%end\n%addon x\n%end\n",
      recipe: `${layout}selinux --enforcing\nservices --enabled=a\n%packages\nhttpd\n%end\n%addon x\n%end\n`,
      site: "selinux --permissive\nservices --disabled=a\n%packages\n-httpd\n%end\n%addon x\ny\n%end\n",
    },
    { problems: ["site.ks:1 clash", "site.ks:2 clash", "site.ks:4 clash", "site.ks:6 clash"] },
  ],
  [
    "reports two ways of one thing",
    { recipe: `${layout}poweroff\n`, site: "reboot\n" },
    { problems: ["site.ks:1 clash"] },
  ],
  [
    "reports two repositories of one name, and takes two of two",
    {
      recipe: `${layout}repo --name=a --baseurl=http://a\nrepo --name=b --baseurl=http://b\n`,
      site: "repo --name=b --baseurl=http://site/b\nrepo --name=c --baseurl=http://c\n",
    },
    { problems: ["site.ks:1 clash"] },
  ],
  [
    "lets every line of a document give way together, and keeps the host's name beside them",
    {
      site: "network --bootproto=dhcp\nnetwork --hostname=vm1.example.com\nnetwork --device=bond0 --bondslaves=a,b\n",
      siteRecipe: "network --bootproto=static --ip=192.0.2.2 --netmask=255.255.255.0\n",
    },
    {
      lines: [
        "network --hostname=vm1.example.com",
        "network --bootproto=static --ip=192.0.2.2 --netmask=255.255.255.0",
      ],
      notes: [
        "site.ks:1: network is overridden by recipes/web.ks:1",
        "site.ks:3: network is overridden by recipes/web.ks:1",
      ],
    },
  ],
  [
    "lets a stock configuration of devices give way to the site's, whatever the devices are called",
    {
      stock: "network --bootproto=dhcp --device=link --activate\n",
      site: "network --bootproto=static --device=enp1s0 --ip=192.0.2.2\nnetwork --device=enp2s0\n",
    },
    {
      lines: [
        "network --bootproto=static --device=enp1s0 --ip=192.0.2.2",
        "network --device=enp2s0",
      ],
      notes: ["stock.ks:1: network is overridden by site.ks:1"],
    },
  ],
  [
    "tells the host's name from the device in whose line it stands",
    {
      stock: "network --bootproto=dhcp --device=link --hostname=stock\n",
      site: "network --bootproto=dhcp --device=link --hostname=all.example.com\n",
      siteRecipe: "network --hostname 'vm1.example.com'\n",
    },
    {
      lines: ["network --bootproto=dhcp --device=link", "network --hostname 'vm1.example.com'"],
      notes: [
        "stock.ks:1: network --hostname is overridden by site.ks:1",
        "site.ks:1: network --hostname is overridden by recipes/web.ks:1",
      ],
    },
  ],
  [
    "keeps all that one document says of one thing, once",
    {
      recipe: `${layout}part swap --size=100 --ondisk=vda\npart swap --size=100 --ondisk=vdb\n`,
      site: "sshpw --username=a x\nsshpw --username=a y\n",
      siteRecipe: "sshpw --username=a x\nsshpw --username=a z\n",
    },
    {
      lines: ["sshpw --username=a x", "sshpw --username=a z"],
      notes: ["site.ks:2: sshpw a is overridden by recipes/web.ks:2"],
    },
  ],
  [
    "lets the site's answer for one recipe hold before that for all",
    { site: "timezone Europe/Berlin\nlang de_DE\n", siteRecipe: "timezone Etc/UTC\n" },
    {
      lines: ["lang de_DE", "timezone Etc/UTC"],
      notes: ["site.ks:1: timezone is overridden by recipes/web.ks:1"],
    },
  ],
  [
    "lets a stock kickstart give way to everybody",
    {
      stock: "text\nlang en_US\nselinux --permissive\nautopart\npart /old --size=1 --ondisk=vda\n",
      recipe: `${layout}selinux --enforcing\n`,
      site: "lang de_DE\ncmdline\n",
    },
    {
      lines: ["selinux --enforcing", "lang de_DE", "cmdline"],
      notes: [
        "stock.ks:4: autopart is overridden by the recipe's own disk layout",
        "stock.ks:5: part is overridden by the recipe's own disk layout",
        "stock.ks:3: selinux is overridden by web.ks:4",
        "stock.ks:2: lang is overridden by site.ks:1",
        "stock.ks:1: display is overridden by site.ks:2",
      ],
    },
  ],
  [
    "takes from nobody what is another's to say",
    { recipe: `${layout}timezone UTC\nrootpw x\ncdrom\n`, site: "zerombr\nautostep\n" },
    {
      problems: [
        "site.ks:2 command-removed",
        "web.ks:3 author",
        "web.ks:4 author",
        "web.ks:5 author",
        "site.ks:1 author",
      ],
    },
  ],
  [
    "warns of what one document says twice",
    { site: "lang de_DE\nlang en_US\n" },
    { lines: ["lang en_US"], problems: ["site.ks:2 repeated warning"] },
  ],
  [
    "joins lists of services and of firewall rules",
    {
      stock: "services --enabled=a,b --disabled=c\nfirewall --disabled\n",
      recipe: `${layout}services --enabled=c\nfirewall --enabled --port=80:tcp\n`,
      site: "services --enabled=b,d\nfirewall --service=ssh --port=80:tcp\n",
    },
    {
      lines: ["services --enabled=a,b,c,d", "firewall --enabled --port=80:tcp --service=ssh"],
      notes: [
        "stock.ks:1: services --disabled c is overridden by web.ks:4",
        "stock.ks:2: firewall --disabled is overridden by web.ks:5",
      ],
    },
  ],
  [
    "reports a service that one wants and the other does not",
    { recipe: `${layout}services --enabled=a\n`, site: "services --disabled=a,b\n" },
    { problems: ["site.ks:1 clash"] },
  ],
  [
    "reports a firewall that one switches off and the other opens",
    { recipe: `${layout}firewall --service=http\n`, site: "firewall --disabled\n" },
    { problems: ["site.ks:1 clash"] },
  ],
  [
    "reports a firewall that one leaves to the system and the other sets up",
    {
      recipe: `${layout}firewall --use-system-defaults\n`,
      site: "firewall --enabled --ssh\n",
    },
    { problems: ["site.ks:1 clash", "site.ks:1 clash"] },
  ],
  [
    "reports a firewall's service that one opens by its own flag and the other closes",
    { recipe: `${layout}firewall --remove-service=ssh\n`, site: "firewall --ssh\n" },
    { problems: ["site.ks:1 clash"] },
  ],
  [
    "lets all of a stock firewall give way to one that is switched off",
    { stock: "firewall --enabled --service=ssh\n", site: "firewall --disabled\n" },
    {
      lines: ["firewall --disabled"],
      notes: [
        "stock.ks:1: firewall --enabled is overridden by site.ks:1",
        "stock.ks:1: firewall --service ssh is overridden by site.ks:1",
      ],
    },
  ],
  [
    "reports two environments of packages, and takes one of two that say the same",
    {
      recipe: `${layout}%packages\n@^minimal-environment\n%end\n`,
      site: "%packages\n@^minimal-environment\n%end\n",
      siteRecipe: "%packages\n@^server-product-environment\n%end\n",
    },
    { problems: ["recipes/web.ks:2 clash"] },
  ],
  [
    "lets a stock environment give way, and warns of two in one document",
    {
      stock: "%packages\n@^minimal-environment\n%end\n",
      recipe: `${layout}%packages\n@^a\n@^b\n%end\n`,
    },
    {
      lines: ["%packages", "@^b", "%end"],
      problems: ["web.ks:6 clash warning"],
      notes: ["stock.ks:2: package @^minimal-environment is overridden by web.ks:5"],
    },
  ],
  [
    "reports a core group that one wants and the other leaves out",
    {
      recipe: `${layout}%packages\n@core\n%end\n`,
      site: "%packages --ignoremissing --nocore\n%end\n",
    },
    {
      problems: ["site.ks:1 clash"],
      notes: [
        "site.ks:1: %packages --ignoremissing applies to the packages of web.ks:3 too",
        "site.ks:1: %packages --nocore applies to the packages of web.ks:3 too",
      ],
    },
  ],
  [
    "lets what is stock about the core group give way",
    {
      stock: "%packages --nocore\n%end\n%packages\n@core\nvim\n%end\n",
      recipe: `${layout}%packages\n@core\n%end\n`,
    },
    {
      lines: ["%packages", "vim", "@core", "%end"],
      notes: ["stock.ks:1: %packages --nocore is overridden by web.ks:5"],
    },
  ],
  [
    "joins packages, each once",
    {
      stock: "%packages --exclude-weakdeps\n@core\nvim\n%end\n",
      recipe: `${layout}%packages --excludedocs\n@core\nhttpd # serves\n-vim\n%end\n`,
      site: "%packages\nmonitor\nhttpd\n%end\n",
    },
    {
      lines: [
        "%packages --exclude-weakdeps --excludedocs",
        "@core",
        "httpd # serves",
        "-vim",
        "monitor",
        "%end",
      ],
      notes: ["stock.ks:3: package vim is overridden by web.ks:7"],
    },
  ],
  [
    "reports a package that one wants and the other does not",
    {
      recipe: `${layout}%packages --timeout=5\nhttpd\n%end\n`,
      site: "%packages --timeout=6\n-httpd\n%end\n",
    },
    { problems: ["site.ks:1 clash", "site.ks:2 clash"] },
  ],
  [
    "runs the scripts of all, stock first and the site's last",
    {
      stock: "%post\nstock\n%end\n",
      recipe: `${layout}%pre-install\nbuilder\n%end\n%post\nbuilder\n%end\n`,
      site: "%post\nsite\n%end",
      siteRecipe: "%post\nrecipe\n%end\n",
    },
    {
      lines:
        "%post\nstock\n%end\n%pre-install\nbuilder\n%end\n%post\nbuilder\n%end\n%post\nsite\n%end\n%post\nrecipe\n%end".split(
          "\n",
        ),
    },
  ],
  [
    "takes an add-on's data once",
    {
      recipe: `${layout}%addon com_redhat_kdump --disable\n%end\n`,
      site: "%addon com_redhat_kdump --enable\n%end\n%addon other\n%end\n",
    },
    { problems: ["site.ks:1 clash"] },
  ],
  [
    "refuses stock kickstarts that are not there, and other files",
    { recipe: `%include none.ks\n%include /etc/shadow\n%include ../x.ks\n${layout}` },
    {
      problems: ["web.ks:1 include-missing", "web.ks:2 include-bad", "web.ks:3 include-bad"],
    },
  ],
  [
    "keeps what it does not know",
    { recipe: `${layout}frobnicate --now\n%frobnicate\nx\n%end\n` },
    {
      lines: ["frobnicate --now", "%frobnicate", "x", "%end"],
      problems: ["web.ks:3 command-unknown warning", "web.ks:4 section-unknown warning"],
    },
  ],
];

describe("composeKickstart", () => {
  for (const [name, documents, expected] of cases) {
    it(name, () => {
      const outcome = compose(documents);
      assert.deepEqual([...outcome.problems].sort(), [...(expected.problems ?? [])].sort());
      if (expected.lines !== undefined) assert.deepEqual(outcome.lines, expected.lines);
      if (expected.notes !== undefined) assert.deepEqual(outcome.notes, expected.notes);
    });
  }

  it("lets stock kickstarts include each other, once each", () => {
    const input = composeInput({ stock: "%include stock.ks\nlang C\n" });
    const { problems, text } = composeKickstart(input);
    assert.deepEqual(problems, []);
    assert.equal(text.match(/lang C/g)?.length, 1);
  });

  it("hides passwords, keys and credentials unless asked to show them", () => {
    const site = `rootpw --iscrypted $6$hush
user --name=a --password hush --iscrypted
url --url=https://me:hush@example.com/os --proxy=http://me:hush@cache
sshpw --username=x hush
rhsm --activation-key="hush hush" --organization=1
vnc --password=hush
`;
    const { text, maskedText } = composeKickstart(
      composeInput({ site }, { release: { family: "RHEL", number: 9 } }),
    );
    assert.equal(text.match(/hush/g)?.length, 8);
    assert.doesNotMatch(maskedText, /hush/);
    assert.match(maskedText, /url '--url=https:\/\/\*+@example\.com\/os'/);
  });
});
