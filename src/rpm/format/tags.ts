/**
 * Tag names, numbers and types of the two headers of a package, spelt as rpm spells them.
 *
 * Source: rpm 4.18 and 6.0, `include/rpm/rpmtag.h` (`RPMTAG_*` and `RPMSIGTAG_*`, type in the comment of each line) and the
 * manual's "RPM v4 package format"; numbers were compared with `rpm --querytags` and with packages made by rpmbuild.
 * Tags that only exist in rpm's database or are computed by queries are left out.
 */

/** Storage types of tag data. The position in this list, counted from 1, is the number in the file. */
export const tagTypes = [
  "CHAR",
  "INT8",
  "INT16",
  "INT32",
  "INT64",
  "STRING",
  "BIN",
  "STRING_ARRAY",
  "I18NSTRING",
] as const;

/** A storage type, see {@link tagTypes}. */
export type TagType = (typeof tagTypes)[number];

type TagTable = Readonly<Record<string, readonly [number: number, type: TagType]>>;

/** The signature header: digests and signatures of the main header and the payload, and their sizes. */
export const signatureTags = {
  HEADERSIGNATURES: [62, "BIN"],
  /** Header signature of a DSA, ECDSA or EdDSA key. */
  DSA: [267, "BIN"],
  /** Header signature of an RSA key. */
  RSA: [268, "BIN"],
  SHA1: [269, "STRING"],
  LONGSIZE: [270, "INT64"],
  LONGARCHIVESIZE: [271, "INT64"],
  /** The manual of the format prints 272; rpm's source and every package use 273. */
  SHA256: [273, "STRING"],
  FILESIGNATURES: [274, "STRING_ARRAY"],
  FILESIGNATURELENGTH: [275, "INT32"],
  VERITYSIGNATURES: [276, "STRING_ARRAY"],
  VERITYSIGNATUREALGO: [277, "INT32"],
  /** Any number of OpenPGP signatures, one in base64 per element. */
  OPENPGP: [278, "STRING_ARRAY"],
  SHA3_256: [279, "STRING"],
  /** Space for signatures in rpm's v6 format. */
  RESERVED: [999, "BIN"],
  SIZE: [1000, "INT32"],
  /** RSA signature of header and payload together, of rpm before 4.14. */
  PGP: [1002, "BIN"],
  MD5: [1004, "BIN"],
  /** DSA signature of header and payload together, of rpm before 4.14. */
  GPG: [1005, "BIN"],
  PAYLOADSIZE: [1007, "INT32"],
  RESERVEDSPACE: [1008, "BIN"],
} as const;

/** The main header: the description of the package. */
export const headerTags = {
  HEADERIMMUTABLE: [63, "BIN"],
  HEADERI18NTABLE: [100, "STRING_ARRAY"],
  NAME: [1000, "STRING"],
  VERSION: [1001, "STRING"],
  RELEASE: [1002, "STRING"],
  EPOCH: [1003, "INT32"],
  SUMMARY: [1004, "I18NSTRING"],
  DESCRIPTION: [1005, "I18NSTRING"],
  BUILDTIME: [1006, "INT32"],
  BUILDHOST: [1007, "STRING"],
  SIZE: [1009, "INT32"],
  DISTRIBUTION: [1010, "STRING"],
  VENDOR: [1011, "STRING"],
  LICENSE: [1014, "STRING"],
  PACKAGER: [1015, "STRING"],
  GROUP: [1016, "I18NSTRING"],
  SOURCE: [1018, "STRING_ARRAY"],
  PATCH: [1019, "STRING_ARRAY"],
  URL: [1020, "STRING"],
  OS: [1021, "STRING"],
  ARCH: [1022, "STRING"],
  PREIN: [1023, "STRING"],
  POSTIN: [1024, "STRING"],
  PREUN: [1025, "STRING"],
  POSTUN: [1026, "STRING"],
  FILESIZES: [1028, "INT32"],
  FILEMODES: [1030, "INT16"],
  FILERDEVS: [1033, "INT16"],
  FILEMTIMES: [1034, "INT32"],
  FILEDIGESTS: [1035, "STRING_ARRAY"],
  FILELINKTOS: [1036, "STRING_ARRAY"],
  FILEFLAGS: [1037, "INT32"],
  FILEUSERNAME: [1039, "STRING_ARRAY"],
  FILEGROUPNAME: [1040, "STRING_ARRAY"],
  SOURCERPM: [1044, "STRING"],
  FILEVERIFYFLAGS: [1045, "INT32"],
  ARCHIVESIZE: [1046, "INT32"],
  PROVIDENAME: [1047, "STRING_ARRAY"],
  REQUIREFLAGS: [1048, "INT32"],
  REQUIRENAME: [1049, "STRING_ARRAY"],
  REQUIREVERSION: [1050, "STRING_ARRAY"],
  CONFLICTFLAGS: [1053, "INT32"],
  CONFLICTNAME: [1054, "STRING_ARRAY"],
  CONFLICTVERSION: [1055, "STRING_ARRAY"],
  EXCLUDEARCH: [1059, "STRING_ARRAY"],
  EXCLUSIVEARCH: [1061, "STRING_ARRAY"],
  RPMVERSION: [1064, "STRING"],
  TRIGGERSCRIPTS: [1065, "STRING_ARRAY"],
  TRIGGERNAME: [1066, "STRING_ARRAY"],
  TRIGGERVERSION: [1067, "STRING_ARRAY"],
  TRIGGERFLAGS: [1068, "INT32"],
  TRIGGERINDEX: [1069, "INT32"],
  VERIFYSCRIPT: [1079, "STRING"],
  CHANGELOGTIME: [1080, "INT32"],
  CHANGELOGNAME: [1081, "STRING_ARRAY"],
  CHANGELOGTEXT: [1082, "STRING_ARRAY"],
  PREINPROG: [1085, "STRING_ARRAY"],
  POSTINPROG: [1086, "STRING_ARRAY"],
  PREUNPROG: [1087, "STRING_ARRAY"],
  POSTUNPROG: [1088, "STRING_ARRAY"],
  OBSOLETENAME: [1090, "STRING_ARRAY"],
  VERIFYSCRIPTPROG: [1091, "STRING_ARRAY"],
  TRIGGERSCRIPTPROG: [1092, "STRING_ARRAY"],
  COOKIE: [1094, "STRING"],
  FILEDEVICES: [1095, "INT32"],
  FILEINODES: [1096, "INT32"],
  FILELANGS: [1097, "STRING_ARRAY"],
  PREFIXES: [1098, "STRING_ARRAY"],
  SOURCEPACKAGE: [1106, "INT32"],
  PROVIDEFLAGS: [1112, "INT32"],
  PROVIDEVERSION: [1113, "STRING_ARRAY"],
  OBSOLETEFLAGS: [1114, "INT32"],
  OBSOLETEVERSION: [1115, "STRING_ARRAY"],
  DIRINDEXES: [1116, "INT32"],
  BASENAMES: [1117, "STRING_ARRAY"],
  DIRNAMES: [1118, "STRING_ARRAY"],
  OPTFLAGS: [1122, "STRING"],
  DISTURL: [1123, "STRING"],
  PAYLOADFORMAT: [1124, "STRING"],
  PAYLOADCOMPRESSOR: [1125, "STRING"],
  PAYLOADFLAGS: [1126, "STRING"],
  PLATFORM: [1132, "STRING"],
  FILECOLORS: [1140, "INT32"],
  FILECLASS: [1141, "INT32"],
  CLASSDICT: [1142, "STRING_ARRAY"],
  FILEDEPENDSX: [1143, "INT32"],
  FILEDEPENDSN: [1144, "INT32"],
  DEPENDSDICT: [1145, "INT32"],
  PRETRANS: [1151, "STRING"],
  POSTTRANS: [1152, "STRING"],
  PRETRANSPROG: [1153, "STRING_ARRAY"],
  POSTTRANSPROG: [1154, "STRING_ARRAY"],
  DISTTAG: [1155, "STRING"],
  LONGFILESIZES: [5008, "INT64"],
  LONGSIZE: [5009, "INT64"],
  FILECAPS: [5010, "STRING_ARRAY"],
  FILEDIGESTALGO: [5011, "INT32"],
  BUGURL: [5012, "STRING"],
  PREINFLAGS: [5020, "INT32"],
  POSTINFLAGS: [5021, "INT32"],
  PREUNFLAGS: [5022, "INT32"],
  POSTUNFLAGS: [5023, "INT32"],
  PRETRANSFLAGS: [5024, "INT32"],
  POSTTRANSFLAGS: [5025, "INT32"],
  VERIFYSCRIPTFLAGS: [5026, "INT32"],
  TRIGGERSCRIPTFLAGS: [5027, "INT32"],
  VCS: [5034, "STRING"],
  ORDERNAME: [5035, "STRING_ARRAY"],
  ORDERVERSION: [5036, "STRING_ARRAY"],
  ORDERFLAGS: [5037, "INT32"],
  RECOMMENDNAME: [5046, "STRING_ARRAY"],
  RECOMMENDVERSION: [5047, "STRING_ARRAY"],
  RECOMMENDFLAGS: [5048, "INT32"],
  SUGGESTNAME: [5049, "STRING_ARRAY"],
  SUGGESTVERSION: [5050, "STRING_ARRAY"],
  SUGGESTFLAGS: [5051, "INT32"],
  SUPPLEMENTNAME: [5052, "STRING_ARRAY"],
  SUPPLEMENTVERSION: [5053, "STRING_ARRAY"],
  SUPPLEMENTFLAGS: [5054, "INT32"],
  ENHANCENAME: [5055, "STRING_ARRAY"],
  ENHANCEVERSION: [5056, "STRING_ARRAY"],
  ENHANCEFLAGS: [5057, "INT32"],
  ENCODING: [5062, "STRING"],
  FILETRIGGERSCRIPTS: [5066, "STRING_ARRAY"],
  FILETRIGGERSCRIPTPROG: [5067, "STRING_ARRAY"],
  FILETRIGGERSCRIPTFLAGS: [5068, "INT32"],
  FILETRIGGERNAME: [5069, "STRING_ARRAY"],
  FILETRIGGERINDEX: [5070, "INT32"],
  FILETRIGGERVERSION: [5071, "STRING_ARRAY"],
  FILETRIGGERFLAGS: [5072, "INT32"],
  TRANSFILETRIGGERSCRIPTS: [5076, "STRING_ARRAY"],
  TRANSFILETRIGGERSCRIPTPROG: [5077, "STRING_ARRAY"],
  TRANSFILETRIGGERSCRIPTFLAGS: [5078, "INT32"],
  TRANSFILETRIGGERNAME: [5079, "STRING_ARRAY"],
  TRANSFILETRIGGERINDEX: [5080, "INT32"],
  TRANSFILETRIGGERVERSION: [5081, "STRING_ARRAY"],
  TRANSFILETRIGGERFLAGS: [5082, "INT32"],
  FILETRIGGERPRIORITIES: [5084, "INT32"],
  TRANSFILETRIGGERPRIORITIES: [5085, "INT32"],
  PAYLOADSHA256: [5092, "STRING_ARRAY"],
  PAYLOADSHA256ALGO: [5093, "INT32"],
  MODULARITYLABEL: [5096, "STRING"],
  PAYLOADSHA256ALT: [5097, "STRING_ARRAY"],
  PREUNTRANS: [5103, "STRING"],
  POSTUNTRANS: [5104, "STRING"],
  PREUNTRANSPROG: [5105, "STRING_ARRAY"],
  POSTUNTRANSPROG: [5106, "STRING_ARRAY"],
  PREUNTRANSFLAGS: [5107, "INT32"],
  POSTUNTRANSFLAGS: [5108, "INT32"],
  PAYLOADSIZE: [5112, "INT64"],
  PAYLOADSIZEALT: [5113, "INT64"],
  RPMFORMAT: [5114, "INT32"],
  FILEMIMEINDEX: [5115, "INT32"],
  MIMEDICT: [5116, "STRING_ARRAY"],
  SOURCENEVR: [5120, "STRING"],
  PAYLOADSHA512: [5121, "STRING"],
  PAYLOADSHA512ALT: [5122, "STRING"],
  PAYLOADSHA3_256: [5123, "STRING"],
  PAYLOADSHA3_256ALT: [5124, "STRING"],
} as const;

/** The tags of each header. */
const tagTables: {
  readonly signature: typeof signatureTags;
  readonly main: typeof headerTags;
} = { signature: signatureTags, main: headerTags };

/** One of the two headers of a package. */
export type HeaderKind = keyof typeof tagTables;

/** Name of a tag of a header, as rpm spells it without its `RPMTAG_` or `RPMSIGTAG_`. */
export type TagName<Kind extends HeaderKind> = keyof (typeof tagTables)[Kind] & string;

/** Number and type of a tag. */
export interface TagDefinition {
  readonly number: number;
  readonly type: TagType;
}

/** Returns number and type of a tag. */
export function tagDefinition<Kind extends HeaderKind>(
  kind: Kind,
  name: TagName<Kind>,
): TagDefinition {
  const table: TagTable = tagTables[kind];
  const definition = table[name];
  if (definition === undefined) throw new TypeError(`no tag ${name} in the ${kind} header`);
  return { number: definition[0], type: definition[1] };
}

const typesByNumber: Readonly<Record<HeaderKind, ReadonlyMap<number, TagType>>> = {
  signature: new Map(Object.values(signatureTags)),
  main: new Map(Object.values(headerTags)),
};

/** Returns the type that a tag number must have, or undefined when the tag is not listed here. */
export function knownTagType(kind: HeaderKind, number: number): TagType | undefined {
  return typesByNumber[kind].get(number);
}
