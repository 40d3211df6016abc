import { assert, assertEquals, assertThrows } from "@std/assert";
import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { InputRangeError, InputTypeError } from "../../lib/errors.ts";
import { checkSecret, messageHeaders } from "./signature.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const AT = 1_614_265_330_000;

function base64Of(bytes: number): string {
  return btoa("k".repeat(bytes));
}

Deno.test("messageHeaders() signs as Standard Webhooks' own example", () => {
  const message = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: AT, payload: '{"test": 2432232314}' };

  assertEquals(messageHeaders(message, [SECRET]), {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

Deno.test("messageHeaders() signs what the receivers' library verifies, for both forms of secret", () => {
  const now = Date.now();
  for (const payload of ['{"ключ":"значение 🦕"}', "", "plain"]) {
    const message = { id: "job-1", at: now, payload };

    new Webhook(SECRET).verify(payload, messageHeaders(message, [SECRET]), { jsonParse: false });
    new Webhook("plain-secret", { format: "raw" })
      .verify(payload, messageHeaders(message, ["plain-secret"]), { jsonParse: false });
  }
});

Deno.test("messageHeaders() uses a raw secret as it is, also one that looks like base64", () => {
  const headers = messageHeaders({ id: "a", at: AT, payload: "b" }, ["MfKQ9r8GKYqr"]);
  const expected = createHmac("sha256", "MfKQ9r8GKYqr").update("a.1614265330.b").digest("base64");

  assertEquals(headers["webhook-signature"], `v1,${expected}`);
});

Deno.test("messageHeaders() signs with each of several secrets, any of which verifies", () => {
  const message = { id: "job-1", at: Date.now(), payload: "{}" };
  const secrets = [SECRET, `whsec_${base64Of(32)}`];
  const headers = messageHeaders(message, secrets);

  assertEquals(headers["webhook-signature"]?.split(" ").length, 2);
  for (const secret of secrets) new Webhook(secret).verify("{}", headers);
  assertThrows(() => new Webhook(`whsec_${base64Of(40)}`).verify("{}", headers));
});

Deno.test("messageHeaders() without a secret gives id and time alone", () => {
  assertEquals(messageHeaders({ id: "a", at: AT + 999, payload: "b" }, []), {
    "webhook-id": "a",
    "webhook-timestamp": "1614265330",
  });
});

Deno.test("checkSecret() accepts whsec_ with base64 of 24 to 64 bytes, and any visible text", () => {
  for (
    const secret of [
      SECRET,
      `whsec_${base64Of(24)}`,
      `whsec_${base64Of(64)}`,
      "x",
      "0f9a",
      "!~",
      "x".repeat(256),
    ]
  ) {
    checkSecret(secret, "secret");
  }
});

Deno.test("checkSecret() refuses everything else without repeating it", () => {
  const notBase64 = [
    "whsec_",
    "whsec_hunter2!",
    `${SECRET}=`,
    `${SECRET}\n`,
    `whsec_ ${base64Of(24)}`,
    "whsec_a-b_",
  ];
  for (const secret of notBase64.slice(1)) {
    const error = assertThrows(() => checkSecret(secret, "data.secret"), InputTypeError, "base64");
    assert(!error.message.includes(secret.slice(6, 12)));
  }
  assertThrows(() => checkSecret("whsec_", "secret"), InputRangeError, "24 to 64 bytes");
  assertThrows(() => checkSecret(`whsec_${base64Of(23)}`, "secret"), InputRangeError, "found 23");
  assertThrows(() => checkSecret(`whsec_${base64Of(65)}`, "secret"), InputRangeError, "found 65");
  assertThrows(() => checkSecret("x".repeat(257), "secret"), InputRangeError, "at most 256");
  for (const secret of ["", " ", "hunter2\n", "two words", "пароль"]) {
    const error = assertThrows(() => checkSecret(secret, "secret"), InputTypeError, "visible ASCII");
    assert(secret === "" || secret === " " || !error.message.includes(secret.trim()));
  }
});
