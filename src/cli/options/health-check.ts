import { ApplianceError } from "../../errors.ts";
import type { HealthCheck } from "../../host/index.ts";

function parsePort(place: string): HealthCheck {
  const match = /^(?:(\[[0-9a-f:.]+\]|[^:\s]+):)?(\d{1,5})$/i.exec(place);
  const port = Number(match?.[2]);
  if (match !== null && port >= 1 && port <= 65535)
    return { kind: "tcp", host: match[1]?.replaceAll(/[[\]]/g, ""), port };
  throw new ApplianceError(
    "CLI_USAGE",
    `--verify: "tcp:${place}" is not tcp:PORT or tcp:HOST:PORT`,
  );
}

/**
 * Returns the check that an option names: `agent`, `tcp:PORT`, `tcp:HOST:PORT`, `console:REGEX`, or a command line.
 *
 * @throws ApplianceError `CLI_USAGE`
 */
export function parseHealthCheck(text: string): HealthCheck {
  if (text.trim() === "") throw new ApplianceError("CLI_USAGE", "--verify: names no check");
  if (text === "agent") return { kind: "agent" };
  if (text.startsWith("tcp:")) return parsePort(text.slice("tcp:".length));
  if (!text.startsWith("console:")) return { kind: "command", command: text };
  const pattern = text.slice("console:".length);
  try {
    return { kind: "console", pattern: new RegExp(pattern, "m").source };
  } catch (cause) {
    const message = `--verify: "${pattern}" is not a regular expression`;
    throw new ApplianceError("CLI_USAGE", message, { cause });
  }
}
