/**
 * Ranges that a request to a stranger's URL must not reach, and what each is.
 *
 * Of IPv6 only the global unicast range 2000::/3 is open, so a range outside it is listed for its name alone.
 * Forms that carry an IPv4 address inside an IPv6 one are refused whole: what they reach depends on the
 * network they are used in.
 */
const REFUSED_RANGES: readonly (readonly [range: string, what: string])[] = [
  ["0.0.0.0/8", "unspecified"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "carrier-grade NAT"],
  ["127.0.0.0/8", "loopback"],
  ["168.63.129.16/32", "cloud metadata"], // Azure's host agent, at an otherwise public address
  ["169.254.169.254/32", "cloud metadata"],
  ["169.254.0.0/16", "link-local"],
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "reserved"],
  ["192.0.2.0/24", "documentation"],
  ["192.88.99.0/24", "6to4 relay"],
  ["192.168.0.0/16", "private"],
  ["198.18.0.0/15", "benchmarking"],
  ["198.51.100.0/24", "documentation"],
  ["203.0.113.0/24", "documentation"],
  ["224.0.0.0/4", "multicast"],
  ["240.0.0.0/4", "reserved"],

  ["::/128", "unspecified"],
  ["::1/128", "loopback"],
  ["::/96", "IPv4-compatible"],
  ["::ffff:0:0/96", "IPv4-mapped"],
  ["::ffff:0:0:0/96", "IPv4-translated"],
  ["64:ff9b::/96", "NAT64"],
  ["64:ff9b:1::/48", "NAT64"],
  ["100::/64", "discard-only"],
  ["2001::/32", "Teredo"],
  ["2001::/23", "reserved"],
  ["2001:db8::/32", "documentation"],
  ["2002::/16", "6to4"],
  ["3fff::/20", "documentation"],
  ["fd00:ec2::254/128", "cloud metadata"],
  ["fd20:ce::254/128", "cloud metadata"],
  ["fc00::/7", "private"],
  ["fe80::/10", "link-local"],
  ["fec0::/10", "site-local"],
  ["ff00::/8", "multicast"],
];

/** An address as a number of 32 or 128 bits. */
interface AddressBits {
  bits: bigint;
  width: 32 | 128;
}

interface RefusedRange {
  prefix: bigint;
  width: 32 | 128;
  /** How many low bits may be anything. */
  hostBits: bigint;
  what: string;
}

/** Four decimal numbers up to 255, none with a leading zero. */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.|$)){4}(?<!\.)$/;

const GLOBAL_UNICAST = 0b001n;

const refusedRanges = REFUSED_RANGES.map(([range, what]) => readRange(range, what));

/**
 * Says why `address` must not be reached: what kind of address it is (`"loopback"`, `"private"`, …), or null if
 * it is an ordinary public one.
 *
 * @param address An IPv4 address of four decimal numbers or an IPv6 address, as a resolver returns it. Anything
 * else is refused as `"not an address"`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { refusalOf } from "./address.ts";
 *
 * assertEquals(refusalOf("169.254.169.254"), "cloud metadata");
 * assertEquals(refusalOf("1.1.1.1"), null);
 * ```
 */
export function refusalOf(address: string): string | null {
  const found = readAddress(address);
  if (found === null) return "not an address";
  for (const range of refusedRanges) {
    if (range.width === found.width && found.bits >> range.hostBits === range.prefix) return range.what;
  }
  return found.width === 128 && found.bits >> 125n !== GLOBAL_UNICAST ? "reserved" : null;
}

function readRange(range: string, what: string): RefusedRange {
  const [address = "", length] = range.split("/");
  const found = readAddress(address);
  if (found === null) throw new TypeError(`Cannot read the address range "${range}"`);
  const hostBits = BigInt(found.width - Number(length));
  return { prefix: found.bits >> hostBits, width: found.width, hostBits, what };
}

function readAddress(address: string): AddressBits | null {
  if (isIPv4(address)) return { bits: ipv4Bits(address), width: 32 };
  const [unscoped = ""] = address.split("%");
  return isIPv6(unscoped) ? { bits: ipv6Bits(unscoped), width: 128 } : null;
}

function ipv4Bits(address: string): bigint {
  return address.split(".").reduce((bits, byte) => bits << 8n | BigInt(byte), 0n);
}

function ipv6Bits(address: string): bigint {
  const [front = [], back = []] = address.split("::").map(wordsOf);
  const zeros = new Array<bigint>(8 - front.length - back.length).fill(0n);
  return [...front, ...zeros, ...back].reduce((bits, word) => bits << 16n | word, 0n);
}

/** The 16-bit words of a part of an IPv6 address, whose end may be written as an IPv4 address. */
function wordsOf(part: string): bigint[] {
  if (part === "") return [];
  return part.split(":").flatMap((word) => {
    if (!word.includes(".")) return [BigInt(`0x${word}`)];
    const bits = ipv4Bits(word);
    return [bits >> 16n, bits & 0xffffn];
  });
}

function isIPv4(address: string): boolean {
  return IPV4.test(address);
}

function isIPv6(address: string): boolean {
  return /^[\da-f:.]+$/i.test(address) && URL.parse(`http://[${address}]/`) !== null;
}
