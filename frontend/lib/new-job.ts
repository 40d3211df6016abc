import type { InferRequestType } from "hono/client";
import { type Api, ApiError } from "./api.ts";

type NewJob = Exclude<InferRequestType<Api["jobs"]["$post"]>["json"], unknown[]>;

/** The fields of the form, as they are typed. */
export interface NewJobFields {
  type: string;
  data: string;
  queue: string;
  priority: string;
  when: "now" | "delay" | "at";
  delay?: string;
  /** In the browser's zone: `2026-01-31T09:00`. */
  at?: string;
  tags: string;
  maxAttempts: string;
  jobId: string;
}

/** What is wrong, by field; "form": with all of it. */
export type NewJobIssues = Partial<Record<keyof NewJobFields | "form", string>>;

/** The job that the fields stand for; null if some are wrong, and why. What else is wrong, the service says. */
export function jobOf(fields: NewJobFields): { job: NewJob | null; issues: NewJobIssues } {
  const issues: NewJobIssues = {};
  const type = fields.type.trim();
  if (type === "") issues.type = "Say which kind of job it is";
  const data = parseData(fields.data, issues);
  const number = (name: "priority" | "maxAttempts") => {
    const text = fields[name].trim().replace("−", "-");
    if (text !== "" && !/^-?\d+$/.test(text)) issues[name] = `must be a whole number, found "${text}"`;
    return text === "" ? undefined : Number(text);
  };
  const options = {
    priority: number("priority"),
    maxAttempts: number("maxAttempts"),
    queue: fields.queue.trim() || undefined,
    jobId: fields.jobId.trim() || undefined,
    tags: tagsOf(fields.tags),
    delay: fields.when === "delay" ? required("delay") : undefined,
    scheduledAt: fields.when === "at" ? timeOf(required("at")) : undefined,
  };
  function required(name: "delay" | "at"): string {
    const text = fields[name]?.trim() ?? "";
    if (text === "") issues[name] = name === "delay" ? "Say how long, as in 30s or 2h" : "Say when";
    return text;
  }
  const job: NewJob = { type, data, options: JSON.parse(JSON.stringify(options)) };
  return { job: Object.keys(issues).length > 0 ? null : job, issues };
}

/** What the service refuses, at the fields it is about; null if it is something else. */
export function issuesOf(error: unknown): NewJobIssues | null {
  if (!(error instanceof ApiError) || error.problem.errors === undefined) return null;
  const issues: NewJobIssues = {};
  for (const { path, message } of error.problem.errors) {
    const [, name = ""] = /^(?:options\.)?([A-Za-z]+)/.exec(path) ?? [];
    const field = FIELDS[name] ?? "form";
    issues[field] ??= field === "form" ? `${path} ${message}` : message;
  }
  return issues;
}

/** Which field each part of a job is typed into. */
const FIELDS: Partial<Record<string, keyof NewJobFields>> = {
  type: "type",
  data: "data",
  queue: "queue",
  priority: "priority",
  delay: "delay",
  scheduledAt: "at",
  tags: "tags",
  maxAttempts: "maxAttempts",
  jobId: "jobId",
};

function parseData(text: string, issues: NewJobIssues): unknown {
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    issues.data = `This is no JSON: ${error instanceof Error ? error.message : ""}`;
    return null;
  }
}

function tagsOf(text: string): string[] | undefined {
  const tags = text.split(",").map((tag) => tag.trim()).filter((tag) => tag !== "");
  return tags.length > 0 ? tags : undefined;
}

function timeOf(text: string): string | undefined {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
