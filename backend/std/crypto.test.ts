import { assertEquals } from "@std/assert";
import { timingSafeEqual } from "@std/crypto";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("timingSafeEqual() is true of the same bytes only", () => {
  assertEquals(timingSafeEqual(bytes("secret"), bytes("secret")), true);
  assertEquals(timingSafeEqual(bytes(""), bytes("")), true);
  assertEquals(timingSafeEqual(bytes("secret"), bytes("secreT")), false);
  assertEquals(timingSafeEqual(bytes("secret"), bytes("secret1")), false);
  assertEquals(timingSafeEqual(bytes("secret"), bytes("")), false);
});

Deno.test("timingSafeEqual() takes buffers and views, and sees only the view's part", () => {
  const whole = bytes("xsecretx");
  const part = whole.subarray(1, 7);

  assertEquals(timingSafeEqual(part, bytes("secret").buffer), true);
  assertEquals(timingSafeEqual(new DataView(whole.buffer, 1, 6), bytes("secret")), true);
  assertEquals(timingSafeEqual(whole.buffer, part), false);
});
