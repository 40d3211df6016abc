/** Names, in every webhook of a run, the process that sends it. */
export const PROCESS_HEADER = "x-crash-process";

/**
 * Returns the jobs whose request a dead process had begun and had no answer to: their handlers ran when it died.
 *
 * @param text Lines `+ ID` and `- ID`, the last perhaps cut.
 */
export function underWay(text: string): Set<string> {
  const open = new Set<string>();
  for (const line of text.split("\n").slice(0, -1)) {
    const id = line.slice(2);
    if (line.startsWith("+")) open.add(id);
    else open.delete(id);
  }
  return open;
}
