import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { SafeResponse } from "../safe-fetch/safe-request.ts";
import { judgeAnswer, networkError } from "./answer.ts";

const NOW = Date.UTC(2026, 0, 1);
const data = { url: "https://example.com/hook?key=hunter2", secrets: ["open-sesame"] };

function answer(status: number, body = "", headers: Record<string, string> = {}): SafeResponse {
  return { status, headers, body: new TextEncoder().encode(body), complete: true };
}

Deno.test("judgeAnswer() takes every 2xx as delivered", () => {
  for (const status of [200, 201, 202, 204, 206, 299]) {
    assertEquals(judgeAnswer(answer(status), data, NOW), null);
  }
});

Deno.test("judgeAnswer() retries 408, 409, 425, 429 and 5xx, and nothing else", () => {
  for (const status of [408, 409, 425, 429, 500, 501, 502, 503, 504, 507, 520, 599]) {
    assertEquals(judgeAnswer(answer(status), data, NOW)?.retryable, true, String(status));
  }
  for (
    const status of [300, 301, 302, 304, 307, 308, 400, 401, 403, 404, 405, 410, 413, 418, 422, 428, 431, 451]
  ) {
    assertEquals(judgeAnswer(answer(status), data, NOW)?.retryable, false, String(status));
  }
});

Deno.test("judgeAnswer() reads Retry-After of answers that are retried", () => {
  const retryAfter = (status: number) =>
    judgeAnswer(answer(status, "", { "retry-after": "5" }), data, NOW)?.retryAfter;

  assertEquals([retryAfter(429), retryAfter(503), retryAfter(404)], [5_000, 5_000, null]);
});

Deno.test("judgeAnswer() says the status and the first KiB of the body", () => {
  const exact = judgeAnswer(answer(404, "x".repeat(1_024)), data, NOW);
  const longer = judgeAnswer(answer(404, "x".repeat(1_025)), data, NOW);
  const wide = judgeAnswer(answer(404, "x" + "€".repeat(1_000)), data, NOW);

  assertEquals(exact?.message, `https://example.com answered 404: ${"x".repeat(1_024)}`);
  assertEquals(longer?.message, exact?.message);
  assertEquals(wide?.message, `https://example.com answered 404: x${"€".repeat(341)}`);
  assertEquals(judgeAnswer(answer(404), data, NOW)?.message, "https://example.com answered 404");
});

Deno.test("judgeAnswer() makes errors without a stack, which would take the room of the answer in the store", () => {
  assertEquals(judgeAnswer(answer(404, "no"), data, NOW)?.stack, undefined);
});

Deno.test("judgeAnswer() shows no secret that the receiver repeats, also at the edge of what is kept", () => {
  const body = `${"x".repeat(1_020)}open-sesame hunter2`;

  const message = judgeAnswer(answer(400, body), data, NOW)?.message ?? "";

  assert(!message.includes("open"), message);
  assertStringIncludes(judgeAnswer(answer(400, "key=hunter2"), data, NOW)?.message ?? "", "key=[masked]");
});

Deno.test("judgeAnswer() keeps control characters out of the error", () => {
  const error = judgeAnswer(answer(400, "\x1b[31mred\x07\0\r\n\tline"), data, NOW);

  assertEquals(error?.message, "https://example.com answered 400: [31mred\n\tline");
});

Deno.test("networkError() says where and why, without path and query", () => {
  const cause = Object.assign(new Error("connect ECONNREFUSED 1.1.1.1:443"), { code: "ECONNREFUSED" });

  assertEquals(
    networkError(cause, data).message,
    "Cannot reach https://example.com: connect ECONNREFUSED 1.1.1.1:443",
  );
  assertEquals(networkError(new AggregateError([cause]), data).message, networkError(cause, data).message);
  assertEquals(networkError(cause, data).retryable, true);
});
