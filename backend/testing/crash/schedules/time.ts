/** The time of day, UTC: `03:00:00.000`. */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}
