import { checkName, describe } from "../check.ts";
import { InputRangeError } from "../errors.ts";
import { nearest } from "./nearest.ts";
import { type Zone, zoneOf } from "./zone.ts";

/** What people write for a zone that is no name of one. */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  EDT: "America/New_York",
  CST: "America/Chicago",
  CDT: "America/Chicago",
  MDT: "America/Denver",
  PST: "America/Los_Angeles",
  PDT: "America/Los_Angeles",
  BST: "Europe/London",
  CEST: "Europe/Berlin",
  EEST: "Europe/Helsinki",
  MSK: "Europe/Moscow",
  IST: "Asia/Kolkata",
  JST: "Asia/Tokyo",
  KST: "Asia/Seoul",
  AEST: "Australia/Sydney",
  AEDT: "Australia/Sydney",
  NZST: "Pacific/Auckland",
  Z: "UTC",
};

/** Names that are valid but not listed by the platform, which lists one name for each zone. */
const OLDER = [
  ...["Alaska", "Arizona", "Central", "Eastern", "Hawaii", "Mountain", "Pacific"].map((name) => `US/${name}`),
  ...["UTC", "GMT", "EST", "MST", "EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT", "Japan", "Singapore", "Turkey"],
  ...["Europe/Kyiv", "Asia/Kolkata", "Asia/Ho_Chi_Minh", "Asia/Kathmandu", "Asia/Yangon", "America/Nuuk"],
];

/**
 * Returns the zone that `value` names.
 *
 * @throws {InputTypeError} It is no text.
 * @throws {InputRangeError} It names none; says which name is nearest.
 */
export function checkZone(value: unknown, path: string): Zone {
  const zone = zoneOf(typeof value === "string" ? value : "");
  if (zone !== null) return zone;
  const name = checkName(value, path, 64);
  const guess = guessZone(name);
  const hint = guess === null ? "such as UTC or Europe/Paris" : `and the nearest is ${guess}`;
  throw new InputRangeError(path, `must be an IANA time zone, ${hint}, found ${describe(name)}`);
}

function guessZone(name: string): string | null {
  const abbreviated = ABBREVIATIONS[name.toUpperCase()];
  if (abbreviated !== undefined) return abbreviated;
  const [, sign, hours] = /^(?:UTC|GMT)?([+-])(\d{1,2})$/i.exec(name) ?? [];
  if (sign !== undefined && Number(hours) < 15) return `${sign}${hours?.padStart(2, "0")}:00`;
  const plain = name.replaceAll(" ", "_");
  const all = [...Intl.supportedValuesOf("timeZone"), ...OLDER];
  if (plain.includes("/")) return nearest(plain, all, 4);
  const byCity = new Map(all.map((zone) => [zone.slice(zone.lastIndexOf("/") + 1), zone]));
  const city = nearest(plain, byCity.keys(), Math.min(3, Math.floor(plain.length / 3)));
  return city === null ? null : byCity.get(city) ?? null;
}
