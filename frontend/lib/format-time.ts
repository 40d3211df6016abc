/** A moment in `zone`: `Jan 5, 14:32:05`. With the year where it is not that of `now`. */
export function formatTime(at: string | number, zone: string, now: number): string {
  const time = new Date(at);
  const isThisYear = time.getUTCFullYear() === new Date(now).getUTCFullYear();
  return time.toLocaleString("en", {
    timeZone: zone,
    ...(isThisYear ? {} : { year: "numeric" }),
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
}
