import { ApplianceError } from "../../src/errors.ts";
import { parseDescriptor } from "../../src/appliance/index.ts";
import { parseCatalogueEntry } from "../../src/host/catalogue/catalogue-entry.ts";
import { readInstance } from "../../src/host/instance/instance-xml.ts";
import { parseSettings } from "../../src/host/access/settings.ts";
import { compareEvr, parseEvr } from "../../src/lib/evr.ts";
import { parseJournalRecord } from "../../src/lib/journal/journal-record.ts";
import { MAX_CHANGELOG_CHARS, parseChangelog } from "../../src/lib/parse-changelog.ts";
import { bootOrderOf, parseCapabilities, parseDomain } from "../../src/libvirt/index.ts";
import { parseRepomd } from "../../src/repodata/index.ts";
import { decodeArmor } from "../../src/sign/armor.ts";
import { assertShort } from "./cpu-time.ts";
import {
  descriptorShapes,
  domainShapes,
  instanceShapes,
  repomdShapes,
  type Shape,
  textShapes,
  xmlShapes,
} from "../fixtures/hostile-documents.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

interface Reader {
  /** The most that its callers let through. */
  readonly maxBytes: number;
  readonly shapes: readonly Shape[];
  readonly read: (text: string) => unknown;
}

const readers: Readonly<Record<string, Reader>> = {
  descriptor: {
    maxBytes: MIB,
    shapes: descriptorShapes,
    read: (text) => parseDescriptor(text, "x"),
  },
  domain: {
    maxBytes: 4 * MIB,
    shapes: domainShapes,
    read: (text) => bootOrderOf(parseDomain(text)),
  },
  "record of a VM": { maxBytes: 4 * MIB, shapes: instanceShapes, read: readInstance },
  capabilities: {
    maxBytes: 4 * MIB,
    shapes: xmlShapes("capabilities"),
    read: (text) => parseCapabilities(text),
  },
  "repomd.xml": {
    maxBytes: MIB,
    shapes: repomdShapes,
    read: (text) => parseRepomd(Buffer.from(text), "x"),
  },
  "catalogue entry": {
    maxBytes: MIB,
    shapes: textShapes,
    read: (text) => parseCatalogueEntry(text, { directory: "/x", file: "/x/y" }),
  },
  // The folder is root's own.
  "journal record": {
    maxBytes: 4 * MIB,
    shapes: textShapes,
    read: (text) => parseJournalRecord(text, "x"),
  },
  "host.conf": { maxBytes: 8 * MIB, shapes: textShapes, read: parseSettings },
  changelog: { maxBytes: MAX_CHANGELOG_CHARS, shapes: textShapes, read: parseChangelog },
  "detached signature": {
    maxBytes: 64 * KIB,
    shapes: textShapes,
    read: (text) => decodeArmor("SIGNATURE", text),
  },
  version: {
    maxBytes: MIB,
    shapes: textShapes,
    read: (text) => compareEvr(parseEvr(text), parseEvr(`${text}1`)),
  },
};

describe("a document of allowed size", () => {
  for (const [kind, { maxBytes, shapes, read }] of Object.entries(readers)) {
    for (const [shape, make] of shapes) {
      it(`takes less than a second to read or refuse: ${kind}, ${shape}`, () => {
        const text = make(maxBytes);
        assertShort(() => {
          try {
            read(text);
          } catch (error) {
            // Whatever comes in: a refusal in the program's own words, or an answer.
            if (!(error instanceof ApplianceError)) throw error;
          }
        });
      });
    }
  }
});
