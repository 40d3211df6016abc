/** @jsxImportSource preact */
import { useState } from "preact/hooks";
import type { JobView, LogLine } from "../../lib/job.ts";
import { noteInAddress, queryWith } from "../../lib/job-address.ts";
import { type Level, LEVELS } from "../../lib/job-log.ts";

/** Which lines of a log are shown: those of a level and above. */
export interface LevelChoice {
  current: Level;
  choose: (level: Level) => void;
  filter: (lines: readonly LogLine[]) => readonly LogLine[];
  /** Where a level is chosen without scripts. */
  href: (level: Level) => string;
}

export function useLevel({ level, search }: JobView): LevelChoice {
  const [current, setCurrent] = useState(level);
  const least = LEVELS.indexOf(current);
  const valuesOf = (level: Level) => level === "debug" ? [] : [level];
  return {
    current,
    choose: (level) => {
      setCurrent(level);
      noteInAddress("level", valuesOf(level));
    },
    filter: (lines) => least === 0 ? lines : lines.filter(({ level }) => LEVELS.indexOf(level) >= least),
    href: (level) => queryWith(search, "level", valuesOf(level)),
  };
}

const WORDS: Record<Level, string> = { debug: "All", info: "Info", warn: "Warnings", error: "Errors" };

/** Links, so that it works without scripts. */
export function LevelFilter({ level }: { level: LevelChoice }) {
  return (
    <nav class="segments end" aria-label="Level of the log">
      {LEVELS.map((each) => (
        <a
          key={each}
          href={level.href(each)}
          aria-current={each === level.current ? "page" : "false"}
          onClick={(event) => {
            event.preventDefault();
            level.choose(each);
          }}
        >
          {WORDS[each]}
        </a>
      ))}
    </nav>
  );
}
