import {
  assert,
  assertEquals,
  assertFalse,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "@std/assert";

/** Fails unless `check` throws an AssertionError. Does not rest on what it tests. */
function refuses(check: () => void): AssertionError {
  try {
    check();
  } catch (error) {
    if (error instanceof AssertionError) return error;
    throw error;
  }
  throw new Error("An assertion passed that must fail");
}

async function refusesLater(check: () => Promise<unknown>): Promise<AssertionError> {
  const error = await check().then(() => null, (error) => error);
  if (error instanceof AssertionError) return error;
  throw new Error("An assertion passed that must fail", { cause: error });
}

Deno.test("The simple assertions pass what they say and refuse the rest", () => {
  assert(1);
  assertFalse(0);
  assertEquals({ a: [1, { b: 2 }], c: new Set([1]) }, { a: [1, { b: 2 }], c: new Set([1]) });
  assertNotEquals<unknown>({ a: 1 }, { a: "1" });
  assertStrictEquals(NaN, NaN);
  assertInstanceOf(new TypeError(), Error);
  assertMatch("abc", /b/);
  assertStringIncludes("abc", "bc");
  assertGreaterOrEqual(1, 1);
  assertLessOrEqual(1, 1);

  refuses(() => assert(0));
  refuses(() => assertFalse(1));
  for (const [a, b] of [[1, "1"], [null, undefined], [{ a: undefined }, {}], [[1], [1, 2]], [0, -0]]) {
    refuses(() => assertEquals<unknown>(a, b));
  }
  refuses(() => assertNotEquals({ a: 1 }, { a: 1 }));
  refuses(() => assertStrictEquals({}, {}));
  refuses(() => assertInstanceOf({}, Error));
  refuses(() => assertMatch("abc", /d/));
  refuses(() => assertStringIncludes("abc", "cb"));
  refuses(() => assertGreaterOrEqual(0, 1));
  refuses(() => assertLessOrEqual(2, 1));
  refuses(() => fail());
});

Deno.test("assertThrows() checks class and message, and returns what was thrown", () => {
  const thrown = new TypeError("is text");
  const throwing = () => {
    throw thrown;
  };

  assertStrictEquals(assertThrows(throwing), thrown);
  assertStrictEquals(assertThrows(throwing, TypeError, "text"), thrown);
  assertStrictEquals(assertThrows(throwing, Error), thrown);
  refuses(() => assertThrows(() => {}));
  refuses(() => assertThrows(throwing, RangeError));
  refuses(() => assertThrows(throwing, TypeError, "number"));
  refuses(() =>
    assertThrows(() => {
      throw "text";
    }, Error)
  );
});

Deno.test("assertRejects() checks class and message, and refuses a function that throws instead", async () => {
  const thrown = new TypeError("is text");

  assertStrictEquals(await assertRejects(() => Promise.reject(thrown)), thrown);
  assertStrictEquals(await assertRejects(() => Promise.reject(thrown), TypeError, "text"), thrown);
  await refusesLater(() => assertRejects(() => Promise.resolve()));
  await refusesLater(() => assertRejects(() => Promise.reject(thrown), RangeError));
  await refusesLater(() => assertRejects(() => Promise.reject(thrown), TypeError, "number"));
  await refusesLater(() => assertRejects(() => Promise.reject("text"), Error));
  await refusesLater(() =>
    assertRejects(() => {
      throw thrown;
    })
  );
});

Deno.test("A failed assertion says the caller's message", async () => {
  const messages = [
    refuses(() => assert(false, "why")),
    refuses(() => assertEquals(1, 2, "why")),
    refuses(() => assertThrows(() => {}, "why")),
    refuses(() => assertThrows(() => {}, Error, "", "why")),
    await refusesLater(() => assertRejects(() => Promise.resolve(), "why")),
    refuses(() => fail("why")),
  ];
  for (const { message, name } of messages) {
    assertStringIncludes(message, "why");
    assertEquals(name, "AssertionError");
  }
});
