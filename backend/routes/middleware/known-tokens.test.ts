import { assertEquals } from "@std/assert";
import { KnownTokens } from "./known-tokens.ts";

const TOKENS = { admin: "a".repeat(32), viewer: "v".repeat(32), producer: "p".repeat(40) };

Deno.test("roleOf() knows each token at first and again, and nothing that is like one", async () => {
  const tokens = new KnownTokens(() => Promise.resolve(TOKENS));
  const digests = await tokens.digests();
  const unknown = [
    "",
    "a",
    "A".repeat(32),
    "a".repeat(31),
    "a".repeat(33),
    `${"a".repeat(31)}b`,
    `b${"a".repeat(31)}`,
    "v".repeat(40),
    TOKENS.admin + TOKENS.viewer,
  ];

  for (let time = 0; time < 3; time++) {
    for (const [role, token] of Object.entries(TOKENS)) assertEquals(tokens.roleOf(token, digests), role);
    for (const token of unknown) assertEquals(tokens.roleOf(token, digests), null, token);
  }
});

Deno.test("roleOf() takes no digest of a token that it has known before", async () => {
  const tokens = new KnownTokens(() => Promise.resolve(TOKENS));
  assertEquals(tokens.roleOf(TOKENS.viewer, await tokens.digests()), "viewer");

  assertEquals(tokens.roleOf(TOKENS.viewer, new Map()), "viewer");
  assertEquals(tokens.roleOf(TOKENS.admin, new Map()), null);
});
