import { z } from "zod";
import { isInputError } from "../../lib/errors.ts";
import { parseHttpUrl } from "../../lib/http-url.ts";
import { checkHeaders } from "../../lib/webhook/headers.ts";
import { checkSecret } from "./signature.ts";

/** Methods a webhook may use. */
export const WEBHOOK_METHODS = ["POST", "PUT", "PATCH", "DELETE", "GET"] as const;

/** What a `webhook:send` job sends, and where. */
export const webhookSchema = z.strictObject({
  /** An `http:` or `https:` URL without user name and password. */
  url: z.string("must be a string").superRefine(refining(parseHttpUrl)),
  method: z.string("must be a string").toUpperCase().pipe(
    z.enum(WEBHOOK_METHODS, `must be one of ${WEBHOOK_METHODS.join(", ")}`),
  ).default(
    "POST",
  ),
  headers: z.record(z.string(), z.string("must be a string"), "must be an object").superRefine(
    refining(checkHeaders),
  ).optional(),
  /** Sent as JSON; a string is sent as it is, as `text/plain` unless `headers` names another content type. */
  body: z.unknown().optional(),
  /** Signs the request: `whsec_…` as Standard Webhooks writes it, or any other text as it is. */
  secret: z.string("must be a string").superRefine(refining(checkSecret)).optional(),
}).superRefine(({ method, body }, context) => {
  if (method !== "GET" || body === undefined) return;
  context.addIssue({ code: "custom", path: ["body"], message: "must be absent with the method GET" });
});

/** The data of a `webhook:send` job as a caller writes it. */
export type WebhookData = z.input<typeof webhookSchema>;

/** The same as the handler gets it: `method` filled in. */
export type ParsedWebhookData = z.output<typeof webhookSchema>;

/** Turns a check that throws an input error into one that adds its issues. */
function refining<T>(check: (value: T, path: string) => unknown) {
  return (value: T, context: z.RefinementCtx<T>) => {
    try {
      check(value, "");
    } catch (error) {
      if (!isInputError(error)) throw error;
      for (const { path, message } of error.issues) {
        context.addIssue({ code: "custom", path: path === "" ? [] : [path], message });
      }
    }
  };
}
