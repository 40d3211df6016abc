/** @jsxImportSource preact */
import { asset } from "fresh/runtime";
import { define } from "../utils.ts";

export default define.layout(({ Component, state }) => {
  const { base, role, theme } = state.page;
  return (
    <html lang="en" data-base={base} data-role={role ?? ""} data-theme={theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content={theme === "system" ? "light dark" : theme} />
        <title>{state.title === "" ? "Cronosaur" : `${state.title} · Cronosaur`}</title>
        <link rel="icon" href={asset(`${base}/admin/favicon.svg`)} />
        <link rel="stylesheet" href={asset(`${base}/admin/styles.css`)} />
      </head>
      <body>
        <Component />
      </body>
    </html>
  );
});
