import { assert, assertEquals } from "@std/assert";
import { DeliveryError } from "./answer.ts";
import { deliveryDelay } from "./backoff.ts";

Deno.test("deliveryDelay() grows from ten seconds to an hour and stays there", () => {
  const delays = Array.from({ length: 9 }, (_, i) => deliveryDelay(i + 1, new Error(), 0.5) / 1_000);

  assertEquals(delays, [10, 30, 90, 270, 810, 2_430, 3_600, 3_600, 3_600]);
});

Deno.test("deliveryDelay() spreads by a tenth and never goes beyond an hour", () => {
  assertEquals(deliveryDelay(1, new Error(), 0), 9_000);
  assert(deliveryDelay(1, new Error(), 0.999) > 10_900);
  for (const random of [0, 0.5, 0.999]) assert(deliveryDelay(10, new Error(), random) <= 3_600_000);
});

Deno.test("deliveryDelay() waits as long as the receiver asked, or a little longer", () => {
  const error = new DeliveryError("busy", { status: 503, retryAfter: 2_000, retryable: true });

  assertEquals(deliveryDelay(1, error, 0), 2_000);
  assertEquals(deliveryDelay(9, error, 0.5), 2_100);
});

Deno.test("deliveryDelay() uses its own backoff when the receiver asked for nothing", () => {
  assertEquals(deliveryDelay(1, new DeliveryError("busy", { status: 503, retryable: true }), 0.5), 10_000);
});
