import { errorCodes } from "../src/errors.ts";
import { assertPage } from "./support/golden.ts";

describe("docs/errors.md", () => {
  it("explains every error code", async () => {
    const rows = Object.entries(errorCodes).map(
      ([code, { exit, meaning }]) => `| \`${code}\` | ${exit} | ${meaning} |\n`,
    );
    const head = `# Error codes

The code in brackets at the end of a message is stable; scripts may rely on it. It begins with the part of the program
that found the problem. Exit status: 1 failed, 2 usage, 3 verification failed, 4 the host lacks something,
130 interrupted.

| code | exit status | meaning |
| --- | --- | --- |
`;
    await assertPage("docs/errors.md", head + rows.join(""));
  });
});
