import assert from "node:assert/strict";
import { ApplianceError } from "../../src/errors.ts";

/** Returns a check for `assert.rejects`: an ApplianceError of this code, with this text in its message or details. */
export function isError(code: string, text: RegExp): (error: unknown) => true {
  return (error) => {
    if (!(error instanceof ApplianceError)) throw error;
    const all = [error.message, ...error.details].join("\n");
    assert.equal(error.code, code, all);
    assert.match(all, text);
    return true;
  };
}
