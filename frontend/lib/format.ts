/** How numbers and times are written. */

const counts = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** `12,394`. */
export function formatCount(count: number): string {
  return counts.format(count);
}

/** `1 job`, `41 jobs`. */
export function formatJobs(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "job" : "jobs"}`;
}

const UNITS = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1000]] as const;

/** How long something took or is ago: `420 ms`, `9 s`, `4 min`, `3 h 20 min`, `12 d`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const index = UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = UNITS[index] ?? ["s", 1000];
  const whole = Math.floor(ms / size);
  const [lower, lowerSize] = UNITS[index + 1] ?? ["", 1];
  const rest = Math.floor((ms - whole * size) / lowerSize);
  if (lower === "" && whole < 10 && ms % size >= 100) return `${counts.format(Math.floor(ms / 100) / 10)} s`;
  return lower === "" || rest === 0 || whole >= 10 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${lower}`;
}

/** Bytes: `12.4 MB`. */
export function formatBytes(bytes: number): string {
  const step = Math.min(3, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${counts.format(bytes / 1000 ** step)} ${["B", "kB", "MB", "GB"][step]}`;
}

/** A moment in UTC, for who hovers: `2026-01-05 14:32:05 UTC`. */
export function formatUtc(at: string | number): string {
  return new Date(at).toISOString().replace("T", " ").replace(/\.\d+Z$/, " UTC");
}
