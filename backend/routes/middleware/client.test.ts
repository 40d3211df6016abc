import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { addressOf, httpsReader, type ProxyOptions } from "./client.ts";

async function address(hostname: string | undefined, forwarded?: string, trustProxy = true): Promise<string> {
  const app = new Hono().get("/", (c) => c.text(addressOf(c, trustProxy)));
  const headers = new Headers(forwarded === undefined ? [] : [["X-Forwarded-For", forwarded]]);
  const env = hostname === undefined ? undefined : { remoteAddr: { hostname } };
  return await (await app.request("/", { headers }, env)).text();
}

Deno.test("addressOf() is that of the connection, whatever the headers say", async () => {
  assertEquals(await address("203.0.113.9", undefined, false), "203.0.113.9");
  assertEquals(await address("203.0.113.9", "198.51.100.1", false), "203.0.113.9");
  assertEquals(await address(undefined, "198.51.100.1", false), "unknown");
});

Deno.test("addressOf() behind a trusted proxy is the last one it was told, since the others may be forged", async () => {
  const cases: [string, string][] = [
    ["198.51.100.1", "198.51.100.1"],
    ["1.1.1.1, 2.2.2.2,198.51.100.1", "198.51.100.1"],
    ["1.1.1.1,  198.51.100.1 ", "198.51.100.1"],
    ["198.51.100.1:5060", "198.51.100.1"],
    ["[2001:db8::1]:5060", "2001:db8:0:0::/64"],
  ];
  for (const [forwarded, wanted] of cases) {
    assertEquals(await address("10.0.0.1", forwarded), wanted, forwarded);
  }
});

Deno.test("addressOf() takes what is no address for none", async () => {
  const wrong = [
    "",
    ",",
    "unknown",
    "_hidden",
    "1.2.3",
    "256.1.1.1",
    "1.1.1.1,",
    "<script>",
    "::g",
    "a".repeat(99),
  ];
  for (const forwarded of [...wrong, "1.1.1.1, evil", "[::1", "1:2:3:4:5:6:7:8:9"]) {
    assertEquals(await address("10.0.0.1", forwarded), "10.0.0.1", forwarded);
  }
  assertEquals(await address(undefined, "evil"), "unknown");
});

Deno.test("addressOf() counts an IPv6 network as one caller, and an IPv4 address however it is written", async () => {
  const network = await address("2001:db8:1:2::1");
  assertEquals(network, "2001:db8:1:2::/64");
  for (const same of ["2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:0db8:0001:0002::", "2001:db8:1:2::1%eth0"]) {
    assertEquals(await address(same), network, same);
  }
  assertEquals(await address("2001:db8:1:3::1"), "2001:db8:1:3::/64");
  assertEquals(await address("::1"), "0:0:0:0::/64");
  for (const same of ["::ffff:198.51.100.1", "::ffff:c633:6401", "0:0:0:0:0:ffff:198.51.100.1"]) {
    assertEquals(await address(same), "198.51.100.1", same);
  }
});

Deno.test("httpsReader() goes by the public address, else by the proxy if trusted, else by the request", async () => {
  const isHttps = async (options: ProxyOptions, url: string, forwarded?: string) => {
    const read = httpsReader(options);
    const app = new Hono().get("/", (c) => c.json(read(c)));
    const headers = new Headers(forwarded === undefined ? [] : [["X-Forwarded-Proto", forwarded]]);
    return await (await app.request(url, { headers })).json();
  };
  const [http, https] = ["http://localhost/", "https://localhost/"];

  assertEquals([await isHttps({}, http), await isHttps({}, https)], [false, true]);
  assertEquals(await isHttps({}, http, "https"), false);
  assertEquals(await isHttps({ trustProxy: true }, http, "https"), true);
  assertEquals(await isHttps({ trustProxy: true }, http, "https, http"), false);
  assertEquals(await isHttps({ trustProxy: true }, https, "http"), false);
  assertEquals(await isHttps({ publicUrl: "https://jobs.example.com" }, http, "http"), true);
  assertEquals(
    await isHttps({ publicUrl: "http://jobs.example.com", trustProxy: true }, https, "https"),
    false,
  );
});
