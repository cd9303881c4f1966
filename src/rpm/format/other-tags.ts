/**
 * Types of the main header's tags that this program neither reads nor writes. rpm refuses a header in which a known tag
 * has another type, so these are checked too.
 *
 * Source: rpm 4.18 and 6.0, `include/rpm/rpmtag.h`, without the tags of tags.ts; text tags may have any of the text types.
 */
import type { TagType } from "./tags.ts";

const numbersByType: readonly (readonly [TagType, readonly number[]])[] = [
  ["CHAR", [1029]],
  [
    "INT32",
    [
      257, 277, 1008, 1051, 1052, 1119, 1127, 1128, 1129, 1134, 1158, 1161, 1195, 5017, 5018, 5019,
      5032, 5033, 5045, 5091, 5119,
    ],
  ],
  ["INT64", [270, 271]],
  ["BIN", [259, 261, 262, 267, 268, 1012, 1013, 1043, 1146]],
  [
    "STRING_ARRAY",
    [
      266, 269, 273, 276, 278, 279, 1027, 1060, 1062, 1089, 1099, 1120, 1121, 1133, 1135, 1147,
      1148, 1149, 1150, 1156, 1157, 1159, 1160, 1196, 5000, 5001, 5002, 5005, 5006, 5007, 5013,
      5014, 5015, 5016, 5030, 5031, 5040, 5041, 5042, 5043, 5044, 5058, 5059, 5060, 5061, 5086,
      5087, 5088, 5089, 5090, 5098, 5099, 5100, 5101, 5109, 5117, 5118,
    ],
  ],
];

/** Type by number of each tag of the main header that is not in tags.ts. */
export const otherTagTypes: ReadonlyMap<number, TagType> = new Map(
  numbersByType.flatMap(([type, numbers]) => numbers.map((number) => [number, type] as const)),
);
