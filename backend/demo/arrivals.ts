import type { AddRequest } from "../lib/adder.ts";
import type { Random } from "../testing/crash/random.ts";
import type { Picture } from "./jobs/images.ts";
import type { Invoice } from "./jobs/invoices.ts";
import type { Mail } from "./jobs/mail.ts";
import type { Report } from "./jobs/reports.ts";
import type { Documents } from "./jobs/search.ts";

const PEOPLE = [
  "ada",
  "grace",
  "linus",
  "margaret",
  "alan",
  "barbara",
  "edsger",
  "katherine",
  "dennis",
  "radia",
];
const NAMES = ["Ada King", "Grace Murray", "Linus Berg", "Margaret Lane", "Alan Marsh", "Barbara Stone"];
const TEMPLATES = ["welcome", "receipt", "password-reset", "shipped", "review-request"];
const PRODUCTS = ["lamp-oak", "chair-nordic", "desk-walnut", "shelf-cube", "rug-wool", "vase-clay"];

/** What happens in the shop at one moment: most often mails, seldom a report. */
const KINDS: readonly (readonly [number, (random: Random) => AddRequest[]])[] = [
  [30, (random) => several(random, 4, mail)],
  [20, (random) => several(random, 3, picture)],
  [25, (random) => several(random, 2, documents)],
  [18, (random) => several(random, 1, invoice)],
  [7, (random) => several(random, 1, report)],
];

/** The jobs that one moment brings. */
export function arrivals(random: Random): AddRequest[] {
  const total = KINDS.reduce((sum, [weight]) => sum + weight, 0);
  let left = random.next() * total;
  const kind = KINDS.find(([weight]) => (left -= weight) < 0);
  return kind?.[1](random) ?? [];
}

function several(random: Random, most: number, make: (random: Random) => AddRequest): AddRequest[] {
  return Array.from({ length: random.between(1, most) }, () => make(random));
}

/** A letter to somebody. */
export function mail(random: Random): AddRequest {
  const isVip = random.chance(0.15);
  const data: Mail = {
    to: `${random.pick(PEOPLE)}.${random.between(10, 99)}@example.com`,
    template: random.pick(TEMPLATES),
    locale: random.pick(["en", "de", "fr"]),
  };
  return {
    type: "email:send",
    data,
    options: { queue: "mail", createdBy: "shop", ...(isVip ? { priority: 5, tags: ["vip"] } : {}) },
  };
}

/** A picture of a product. */
export function picture(random: Random): AddRequest {
  const product = random.pick(PRODUCTS);
  const data: Picture = {
    source: `uploads/${product}-${random.between(1000, 9999)}.jpg`,
    widths: random.pick([[320, 640, 1280], [160, 320], [320, 640, 1280, 2560]]),
  };
  return {
    type: "image:resize",
    data,
    options: { queue: "media", tags: ["product", product], createdBy: "catalog" },
  };
}

/** A report about a month, seldom asked for. */
export function report(random: Random): AddRequest {
  const data: Report = {
    report: random.pick(["revenue", "returns", "stock", "customers"]),
    month: `2026-${String(random.between(1, 9)).padStart(2, "0")}`,
    pages: random.between(6, 24),
  };
  return { type: "report:render", data, options: { queue: "reports", priority: -5, createdBy: "finance" } };
}

/** Documents that are to be found. */
export function documents(random: Random): AddRequest {
  const first = random.between(1000, 90_000);
  const data: Documents = {
    index: random.pick(["products", "articles"]),
    ids: Array.from({ length: random.between(2, 12) }, (_, i) => first + i),
  };
  return { type: "search:index", data, options: { createdBy: "catalog" } };
}

function invoice(random: Random): AddRequest {
  const order = `O-${random.between(100_000, 999_999)}`;
  const data: Invoice = {
    order,
    customer: { id: random.between(1, 900), name: random.pick(NAMES) },
    amount: random.between(900, 90_000) / 100,
    currency: random.pick(["EUR", "EUR", "USD", "GBP"]),
    payment: { provider: "pay.example", token: `tok_${random.between(1e8, 1e9).toString(36)}` },
  };
  return {
    type: "invoice:create",
    data,
    options: { queue: "billing", priority: 10, unique: { key: `order:${order}` }, createdBy: "shop" },
  };
}
