import { assertEquals } from "@std/assert";
import { maskSecrets } from "./mask.ts";

Deno.test("maskSecrets() hides what was sent in confidence wherever the receiver repeats it", () => {
  const data = {
    url: "https://example.com/hook?token=t%2Fken-123&page=2",
    headers: {
      Authorization: "Bearer abcdef123456",
      "X-Api-Key": "key-987654",
      "Content-Type": "application/json",
    },
    secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
  };
  const answer = [
    "POST /hook?token=t%2Fken-123&page=2",
    "token t/ken-123, page 2",
    "authorization: Bearer abcdef123456",
    "x-api-key: key-987654",
    "content-type: application/json",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  ];

  assertEquals(maskSecrets(answer.join("\n"), data).split("\n"), [
    "POST /hook?token=[masked]&page=2",
    "token [masked], page 2",
    "authorization: [masked] [masked]",
    "x-api-key: [masked]",
    "content-type: application/json",
    "[masked]",
    "[masked]",
  ]);
});

Deno.test("maskSecrets() leaves the answer as it is when nothing was confidential", () => {
  assertEquals(maskSecrets("no such user", { url: "https://example.com/", secrets: [] }), "no such user");
});
