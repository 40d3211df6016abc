import { assertEquals } from "@std/assert";
import { csvRow } from "./csv.ts";

Deno.test("csvRow() quotes what RFC 4180 says must be quoted, and nothing else", () => {
  assertEquals(csvRow(["a", "b c", "", null, 1, -2.5]), "a,b c,,,1,-2.5\r\n");
  assertEquals(csvRow(['say "hi"', "a,b", "a\nb", "a\r\nb"]), '"say ""hi""","a,b","a\nb","a\r\nb"\r\n');
  assertEquals(csvRow(["Zoë 🚀 日本"]), "Zoë 🚀 日本\r\n");
  assertEquals(csvRow([]), "\r\n");
});

Deno.test("csvRow() keeps spreadsheets from running text as a formula", () => {
  for (
    const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1+1", "＠a", "=", "=cmd|' /C calc'!A0"]
  ) {
    assertEquals(csvRow([text]), `'${text}\r\n`);
  }
  assertEquals(csvRow(["\r=1", "\n=1", '="a"', "=a,b"]), '"\'\r=1","\'\n=1","\'=""a""","\'=a,b"\r\n');
  for (const text of ["a=1", "1+1", "'=1", "a@b.c", "1-2", ""]) assertEquals(csvRow([text]), `${text}\r\n`);
});
