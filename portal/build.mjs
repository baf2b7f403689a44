// Builds the family's page into static files, and writes what each of them is: `node build.mjs [--vectors]`.
//
// Every file is named by what it holds, so the page that names them fixes them all; `files.json` has the digest of each,
// which the steward puts into the directory. The words of each language are cut out of the catalogues that Python reads.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { LANGUAGES, refusalWordsOf, wordsOf } from "./words.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const SHELL = join(HERE, "../relay/zegel_relay/portal/shell");
const TARGET = ["es2022", "chrome100", "firefox100", "safari16.4"];
const COMMON = { bundle: true, format: "esm", charset: "utf8", loader: { ".txt": "text" }, logLevel: "warning" };

// What is fetched later, by dynamic import. All of it stands on the core, which whoever fetches it has.
const LATER = /\/src\/(page\/views\/(inside|deciding|arriving)|client\/(opening|sealing_out)|keys\/(wraps|contact_box)|protocol\/enrolment)\.ts$/;
const core = {
  name: "core",
  setup(build) {
    build.onLoad({ filter: LATER }, ({ path }) => ({
      contents: `${readFileSync(path, "utf8")}\nimport ${JSON.stringify(join(HERE, "src/page/core.ts"))};\n`,
      loader: "ts",
    }));
  },
};

const digest = (data) => createHash("sha256").update(data).digest();

async function vectors() {
  await build({
    ...COMMON,
    entryPoints: ["check", "make_consent", "render_texts", "content"].map((name) => join(HERE, `vectors/${name}.ts`)),
    outdir: join(HERE, "build"),
    platform: "node",
    target: "node20",
    outExtension: { ".js": ".mjs" },
    // CommonJS inside libsodium's modern build asks for these.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
}

// Writes a file under a name that has its digest; returns that name.
function write(name, suffix, text) {
  const data = Buffer.from(text);
  const path = `assets/${name}-${digest(data).toString("base64url").slice(0, 12)}.${suffix}`;
  writeFileSync(join(SHELL, path), data);
  return path;
}

async function page() {
  rmSync(SHELL, { recursive: true, force: true });
  mkdirSync(join(SHELL, "assets"), { recursive: true });
  const each = (name, of) =>
    Object.fromEntries(
      LANGUAGES.map((language) => [language, `/${write(`${name}-${language}`, "json", JSON.stringify(of(language)))}`]),
    );
  const [words, refusals] = [each("words", wordsOf), each("refusals", refusalWordsOf)];
  const icon = write("icon", "svg", readFileSync(join(HERE, "src/page/icon.svg")));
  const done = await build({
    ...COMMON,
    entryPoints: [join(HERE, "src/page/app.ts"), join(HERE, "src/page/styles.css")],
    outdir: join(SHELL, "assets"),
    entryNames: "[name]-[hash]",
    chunkNames: "part-[hash]",
    splitting: true,
    minify: true,
    platform: "browser",
    target: TARGET,
    metafile: true,
    plugins: [core],
    define: { WORDS: JSON.stringify(words), REFUSALS: JSON.stringify(refusals) },
  });
  const made = Object.keys(done.metafile.outputs).map((path) => `assets/${basename(path)}`);
  const [script, style] = [/\/app-/, /\/styles-/].map((name) => made.find((path) => name.test(path)));
  const fill = { script, style, icon };
  const seal = (path) => `sha256-${digest(readFileSync(join(SHELL, path))).toString("base64")}`;
  const html = readFileSync(join(HERE, "src/page/index.html"), "utf8").replace(/\{(\w+?)(-digest)?\}/g, (_, name, of) =>
    of === undefined ? `/${fill[name]}` : seal(fill[name]));
  writeFileSync(join(SHELL, "index.html"), html);
  const all = ["index.html", icon, ...made, ...[words, refusals].flatMap(Object.values).map((path) => path.slice(1))].sort();
  const files = Object.fromEntries(all.map((path) => [path, digest(readFileSync(join(SHELL, path))).toString("base64url")]));
  writeFileSync(join(SHELL, "files.json"), `${JSON.stringify(files, null, 1)}\n`);
}

await (process.argv.includes("--vectors") ? vectors() : page());
