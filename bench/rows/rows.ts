import type { Row } from "../model.ts";
import { addLargeRow, moveLargeRow } from "./add-large.ts";
import { addManyRow, addOneRow } from "./add-small.ts";
import { buildRow } from "./build.ts";
import { growthRow } from "./growth.ts";
import { createRow, hostRows } from "./host.ts";
import { readyRow } from "./ready.ts";
import { signRow, verifyRow } from "./sign.ts";

/** All rows, those of a chapter beside each other. */
export const rows: readonly Row[] = [
  buildRow,
  growthRow,
  readyRow,
  signRow,
  verifyRow,
  addLargeRow,
  moveLargeRow,
  addManyRow,
  addOneRow,
  createRow,
  ...hostRows,
];
