/** What stands in place of a secret. */
const MASK = "[masked]";

/** What is sent in confidence. */
export interface Confidence {
  url: string;
  headers?: Readonly<Record<string, string>>;
  /** Those that sign the message. */
  secrets: readonly string[];
}

/** Shorter words are no secrets, and masking them would hide what the receiver says. */
const MIN_SECRET = 6;

/** Headers whose values everybody may see. */
const PLAIN_HEADERS = new Set(["accept", "accept-language", "content-type", "user-agent"]);

/**
 * Returns `text`, which a receiver answered, without what was sent to it in confidence: a receiver may repeat
 * the request it got, and answers are stored with the job. Masked are the signing secrets, the words of
 * header values and the values in the URL's query.
 */
export function maskSecrets(text: string, { url, headers = {}, secrets: signing }: Confidence): string {
  const words = [
    ...signing.flatMap((secret) => [secret, secret.replace(/^whsec_/, "")]),
    ...Object.entries(headers)
      .filter(([name]) => !PLAIN_HEADERS.has(name.toLowerCase()))
      .flatMap(([, value]) => value.split(/\s+/)),
    ...queryWords(url),
  ];
  // The longest first: one secret may be a part of another.
  const secrets = words.filter((word) => word.length >= MIN_SECRET).sort((a, b) => b.length - a.length);
  return secrets.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
}

/** Values of the query, as written and decoded. */
function queryWords(url: string): string[] {
  const { search, searchParams } = new URL(url);
  return [...search.slice(1).split(/[&=]/), ...searchParams.values()];
}
