/** @jsxImportSource preact */

/** What is not seen, or changes the order in which the rest is read; but new lines, tabs, and what joins emojis. */
const UNSEEN = /((?![\n\t]|(?<=\p{Extended_Pictographic}\ufe0f?)\u200d)[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029])/u;

/** What others wrote: it cannot change how what stands beside it is read, and what is not seen is written out. */
export function Text({ children }: { children: string }) {
  const parts = children.split(UNSEEN);
  if (parts.length === 1) return <bdi>{children}</bdi>;
  return (
    <bdi>
      {parts.map((part, i) => i % 2 === 0 ? part : <span key={i} class="unseen">{codeOf(part)}</span>)}
    </bdi>
  );
}

function codeOf(char: string): string {
  return `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
