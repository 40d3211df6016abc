import { assert, assertEquals, assertThrows } from "@std/assert";
import { isInputError } from "../errors.ts";
import { checkEndpointChanges, checkNewEndpoint } from "./input.ts";

const PUBLIC = { allowPrivateUrls: false };
const url = "https://example.com/hooks";

/** The paths of what is refused. */
function refused(value: unknown, rules = PUBLIC): string[] {
  try {
    checkNewEndpoint(value, rules);
    return [];
  } catch (error) {
    assert(isInputError(error));
    return error.issues.map(({ path }) => path);
  }
}

Deno.test("checkNewEndpoint() needs a URL alone, and fills in the rest", () => {
  assertEquals(checkNewEndpoint({ url }, PUBLIC), {
    fields: {
      url,
      description: "",
      enabled: true,
      events: ["job.completed", "job.failed", "job.cancelled"],
      types: [],
      queues: [],
      tags: [],
      headers: {},
    },
    secret: null,
  });
});

Deno.test("checkNewEndpoint() names every field that it refuses, and repeats no secret", () => {
  const bad = {
    url: "ftp://ada:hunter2@example.com",
    description: "x".repeat(501),
    enabled: "yes",
    events: ["job.added", "job.done"],
    types: ["ok", " "],
    queues: "default",
    tags: Array(21).fill("a"),
    headers: { Host: "hunter2" },
    secret: "hunter2",
  };
  const error = assertThrows(() => checkNewEndpoint(bad, PUBLIC));
  assert(isInputError(error));
  assertEquals(error.issues.map(({ path }) => path), [
    "url",
    "description",
    "enabled",
    "events[1]",
    "types[1]",
    "queues",
    "tags",
    "headers.Host",
    "secret",
  ]);
  assert(!JSON.stringify(error.issues).includes("hunter2"));
});

Deno.test("checkNewEndpoint() refuses what is missing, unknown or of the wrong kind", () => {
  assertEquals(refused({}), ["url"]);
  assertEquals(refused({ url: 5 }), ["url"]);
  assertEquals(refused({ url, events: [] }), ["events"]);
  assertEquals(refused({ url, headers: { a: 1 } }), ["headers.a"]);
  assertEquals(refused({ url, headers: [] }), ["headers"]);
  assertEquals(refused({ url, secret: 5 }), ["secret"]);
  assertEquals(refused({ url, retries: 5 }), ["retries"]);
  assertEquals(refused({ url: "not a url" }), ["url"]);
  assertEquals(refused({ url: `https://example.com/${"x".repeat(2_048)}` }), ["url"]);
});

Deno.test("checkNewEndpoint() takes no secret but whsec_ and base64 of 24 to 64 bytes", () => {
  const secretOf = (bytes: number) => `whsec_${btoa("k".repeat(bytes))}`;

  for (const bytes of [24, 64]) {
    assertEquals(checkNewEndpoint({ url, secret: secretOf(bytes) }, PUBLIC).secret, secretOf(bytes));
  }
  for (const secret of [secretOf(23), secretOf(65), "open-sesame-open-sesame-open", "whsec_", "whsec_???"]) {
    assertEquals(refused({ url, secret }), ["secret"], secret);
  }
});

Deno.test("checkNewEndpoint() refuses addresses that are not public in every way to write them, unless allowed", () => {
  const hosts = [
    "localhost",
    "LOCALHOST.",
    "a.localhost",
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0",
    "10.0.0.1",
    "169.254.169.254",
    "192.168.1.1:8080",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[fd00::1]",
    "[64:ff9b::7f00:1]",
    "１２７.０.０.１",
  ];
  for (const host of hosts) {
    const endpoint = { url: `http://${host}/hook` };
    assertEquals(refused(endpoint), ["url"], host);
    assertEquals(refused(endpoint, { allowPrivateUrls: true }), [], host);
  }
  for (
    const host of [
      "example.com",
      "1.1.1.1",
      "[2606:4700:4700::1111]",
      "localhost.example.com",
      "10.example.com",
    ]
  ) {
    assertEquals(refused({ url: `https://${host}/` }), [], host);
  }
});

Deno.test("checkEndpointChanges() returns what changes alone, and refuses a secret: that is rotated", () => {
  assertEquals(checkEndpointChanges({ enabled: false, tags: ["a", "a"] }, PUBLIC), {
    enabled: false,
    tags: ["a"],
  });
  assertEquals(checkEndpointChanges({}, PUBLIC), {});
  assertThrows(() => checkEndpointChanges({ secret: "whsec_x" }, PUBLIC), TypeError, "secret");
  assertThrows(() => checkEndpointChanges({ url: "http://127.0.0.1" }, PUBLIC), RangeError, "public address");
});
