/** @jsxImportSource preact */
import { HttpError } from "fresh/runtime";
import { ApiError } from "../lib/api.ts";
import { useBase } from "../lib/page-info.ts";
import { Icon } from "./Icon.tsx";

const WORDS: Record<number, readonly [title: string, text: string]> = {
  401: ["You are not signed in", "The app that this page belongs to says who may see it."],
  403: ["This is not for you", "The token you signed in with may not read this."],
  404: ["There is nothing here", "It may have been removed, or the address is wrong."],
  429: ["Too many requests", "Wait for a minute, then load the page again."],
  503: ["The store did not answer", "No job is lost. Load the page again in a moment."],
};

/** Which answer an error is. */
export function statusOf(error: unknown): number {
  return error instanceof HttpError || error instanceof ApiError ? error.status : 500;
}

/** Stands where a page should: says what went wrong, and where to go on. */
export function Failure({ error }: { error: unknown }) {
  const [title, text] = WORDS[statusOf(error)] ??
    ["Something went wrong", "The logs of the service tell what."];
  return (
    <section class="panel card empty">
      <Icon name="errors" />
      <h1>{title}</h1>
      <p>{text}</p>
      <p>
        <a href={`${useBase()}/admin/jobs`}>Go to the jobs</a>
      </p>
    </section>
  );
}
