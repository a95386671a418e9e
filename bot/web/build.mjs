// Bundles the pages' scripts into static/. The widget carries its own style sheet, minified, as a string.
import { readFile } from "node:fs/promises";
import { build, transform } from "esbuild";

const LIMIT = 60_000; // bytes; the widget is loaded on every page of a shop

const cssAsText = {
  name: "css-as-text",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, target: "es2022" });
      return { contents: code, loader: "text" };
    });
  },
};

const { metafile } = await build({
  entryPoints: {
    widget: "src/widget/main.ts",
    shop: "src/shop/main.ts",
    console: "src/console/main.ts",
    article: "src/article.ts",
  },
  outdir: "static",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  plugins: [cssAsText],
});

for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
  console.log(`${file} ${(bytes / 1000).toFixed(1)} kB`);
  if (file.endsWith("widget.js") && bytes > LIMIT) throw new Error(`${file} is larger than ${LIMIT} bytes`);
}
