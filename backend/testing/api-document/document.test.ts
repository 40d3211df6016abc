import { Validator } from "@seriousme/openapi-schema-validator";
import { assertEquals } from "@std/assert";
import { Api } from "../api.ts";

Deno.test("The document is OpenAPI 3.1", async () => {
  await using api = new Api();
  const { body } = await api.call<Record<string, unknown>>("GET", "/api/admin/openapi.json");

  const { valid, errors } = await new Validator().validate(body);

  assertEquals([valid, errors ?? []], [true, []]);
  assertEquals(body.openapi, "3.1.0");
});
