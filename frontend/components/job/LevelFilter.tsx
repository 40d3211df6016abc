/** @jsxImportSource preact */
import type { LogLine, LogView } from "../../lib/job.ts";
import { queryWith } from "../../lib/job-address.ts";
import { type Level, LEVELS } from "../../lib/job-log.ts";

/** The lines of `level` and above. */
export function ofLevel(level: Level, lines: readonly LogLine[]): readonly LogLine[] {
  const least = LEVELS.indexOf(level);
  return least === 0 ? lines : lines.filter(({ level }) => LEVELS.indexOf(level) >= least);
}

const WORDS: Record<Level, string> = { debug: "All", info: "Info", warn: "Warnings", error: "Errors" };

/** Which lines of a log are shown. Links, so that it works without scripts. */
export function LevelFilter({ view: { level, search } }: { view: LogView }) {
  return (
    <nav class="segments end" aria-label="Level of the log">
      {LEVELS.map((each) => (
        <a
          key={each}
          href={queryWith(search, "level", each === "debug" ? [] : [each])}
          aria-current={each === level ? "page" : "false"}
        >
          {WORDS[each]}
        </a>
      ))}
    </nav>
  );
}
