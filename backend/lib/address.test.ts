import { assertEquals } from "@std/assert";
import { refusalOf } from "./address.ts";

/** First, last and typical addresses of every refused range, in several spellings. */
const REFUSED: Record<string, readonly string[]> = {
  "unspecified": ["0.0.0.0", "0.0.0.1", "0.255.255.255", "::", "0:0:0:0:0:0:0:0", "::0.0.0.0"],
  "loopback": [
    "127.0.0.0",
    "127.0.0.1",
    "127.1.2.3",
    "127.255.255.255",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::0.0.0.1",
  ],
  // deno-fmt-ignore
  "private": [
    "10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255",
    "fc00::", "fc00::1", "fd00::1", "fd12:3456:789a::1", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
  ],
  "carrier-grade NAT": ["100.64.0.0", "100.100.100.200", "100.127.255.255"],
  // deno-fmt-ignore
  "link-local": [
    "169.254.0.0", "169.254.170.2", "169.254.255.255", "fe80::", "fe80::1", "fe80::1%eth0", "FE80::1%25", "febf::1",
  ],
  "site-local": ["fec0::", "fec0::1", "feff::1"],
  // deno-fmt-ignore
  "cloud metadata": [
    "169.254.169.254", "168.63.129.16", "fd00:ec2::254", "FD00:0EC2:0:0:0:0:0:254", "fd20:ce::254",
  ],
  // deno-fmt-ignore
  "reserved": [
    "192.0.0.0", "192.0.0.192", "192.0.0.255", "240.0.0.0", "254.1.1.1", "255.255.255.255",
    "100:0:0:1::", "200::1", "1000::1", "4000::1", "5f00::1", "8000::1", "c000::1", "e000::1", "fe00::1",
    "2001:1::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::1",
  ],
  // deno-fmt-ignore
  "documentation": [
    "192.0.2.0", "192.0.2.255", "198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255",
    "2001:db8::", "2001:db8::1", "2001:DB8:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff::1",
  ],
  "benchmarking": ["198.18.0.0", "198.19.255.255"],
  "multicast": ["224.0.0.0", "224.0.0.251", "239.255.255.255", "ff00::", "ff02::1", "ff0e::1"],
  "6to4 relay": ["192.88.99.0", "192.88.99.255"],
  "IPv4-compatible": ["::2", "::7f00:1", "::127.0.0.1", "::8.8.8.8", "::ffff:ffff"],
  // deno-fmt-ignore
  "IPv4-mapped": [
    "::ffff:0.0.0.0", "::ffff:127.0.0.1", "::ffff:7f00:1", "::FFFF:10.0.0.1", "0:0:0:0:0:ffff:169.254.169.254",
    "::ffff:8.8.8.8", "::ffff:127.0.0.1%lo",
  ],
  "IPv4-translated": ["::ffff:0:127.0.0.1", "::ffff:0:7f00:1"],
  // deno-fmt-ignore
  "NAT64": [
    "64:ff9b::", "64:ff9b::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b::ffff:ffff",
    "64:ff9b:1::", "64:ff9b:1::1", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
  ],
  "discard-only": ["100::", "100::1", "100::ffff:ffff:ffff:ffff"],
  "Teredo": ["2001::", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
  "6to4": ["2002::", "2002:7f00:1::1", "2002:a00:1::", "2002:ffff::1"],
};

for (const [what, addresses] of Object.entries(REFUSED)) {
  Deno.test(`refusalOf() refuses every ${what} address`, () => {
    for (const address of addresses) assertEquals(refusalOf(address), what, address);
  });
}

Deno.test("refusalOf() lets public addresses through, also those next to a refused range", () => {
  // deno-fmt-ignore
  const open = [
    "1.0.0.0", "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
    "126.255.255.255", "128.0.0.0", "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0",
    "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.1.255", "192.0.3.0",
    "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
    "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
    "2000::", "2000::1", "2001:200::1", "2001:db7:ffff::1", "2001:db9::1", "2001:4860:4860::8888",
    "2003::1", "2606:4700:4700::1111", "2a00:1450:4001:82b::200e", "3ffe:ffff::1", "3fff:1000::1",
    "2606:4700::7f00:1", "2606:4700::127.0.0.1",
  ];

  for (const address of open) assertEquals(refusalOf(address), null, address);
});

Deno.test("refusalOf() refuses what is not an address in its plain form", () => {
  // deno-fmt-ignore
  const strange = [
    "", "localhost", "example.com", "127.1", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "127.0.0.1.", "1.2.3",
    "1.2.3.4.5", "256.1.1.1", "1.2.3.4/8", " 1.1.1.1", "[::1]", ":::", "::1::", "12345::", "1:2:3:4:5:6:7:8:9",
    "::ffff:1.2.3.4.5", "%eth0",
  ];

  for (const address of strange) assertEquals(refusalOf(address), "not an address", address);
});

Deno.test("refusalOf() refuses every address form of a host that URL turns into a refused one", () => {
  // deno-fmt-ignore
  const hosts = [
    "127.1", "127.0.1", "0x7f.1", "0x7f000001", "0177.0.0.1", "017700000001", "2130706433", "127.0.0.1.",
    "①②⑦.0.0.1", "127。0。0。1", "0", "0x0", "[::ffff:127.0.0.1]", "[0:0:0:0:0:0:0:1]", "[::127.0.0.1]",
    "169.254.43518", "0xa9.0xfe.0xa9.0xfe", "2852039166", "%31%32%37.0.0.1",
  ];

  for (const host of hosts) {
    const { hostname } = new URL(`http://${host}/`);
    const address = hostname.replace(/^\[(.*)\]$/, "$1");
    const refusal = refusalOf(address);
    assertEquals(refusal !== null && refusal !== "not an address", true, `${host} → ${address}: ${refusal}`);
  }
});
