#!/usr/bin/env node
// npm create meterplace-app my-app: copies template/, writes .env with what was given and with fresh secrets, and says what to
// do next. Nothing is sent anywhere.

import { randomBytes } from "node:crypto";
import { cp, mkdir, readFile, readdir, rename, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";

const HERE = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const TEMPLATE = join(HERE, "template");
/** Beside this folder in a checkout of the marketplace; from npm it is not there, and `npm install` brings it. */
const LOCAL_SDK = join(HERE, "..", "sdk");

const USAGE = `npm create meterplace-app FOLDER

  --provider-id ID    your app on the marketplace
  --key mk_test_...   its test key
  --api URL           the marketplace's API (http://localhost:3000)
  --marketplace URL   the marketplace (http://localhost:5173)
  --port N            where the app listens (8080)
  --meter NAME        report a unit of it for each piece of work
`;

const text = { type: "string" };
const options = { "provider-id": text, key: text, api: text, marketplace: text, port: text, meter: text };

async function main() {
  const { values, positionals } = read();
  const [folder] = positionals;
  if (!folder || positionals.length > 1) stop(USAGE);
  const target = resolve(folder);
  const name = basename(target).toLowerCase();
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name))
    stop(`"${basename(target)}" cannot be the name of a package: letters, digits, - . _\n`);
  if (existsSync(target) && (await readdir(target)).length > 0) stop(`${target} is not empty. Nothing was written.\n`);
  const port = values.port ?? "8080";
  if (!/^\d{2,5}$/.test(port)) stop("--port is a number.\n");
  for (const option of ["api", "marketplace"])
    if (values[option] && !URL.canParse(values[option]))
      stop(`--${option} is an address, such as http://localhost:3000\n`);

  await mkdir(target, { recursive: true });
  await cp(TEMPLATE, target, { recursive: true });
  // npm leaves files of these names out of a package, or takes them for its own.
  await rename(join(target, "gitignore"), join(target, ".gitignore"));
  const manifest = JSON.parse(await readFile(join(target, "package.json"), "utf8"));
  await writeFile(join(target, "package.json"), `${JSON.stringify({ ...manifest, name }, null, 2)}\n`);
  await writeFile(join(target, ".env"), environment({ ...values, port }), { mode: 0o600 });
  const isComplete = await copySdk(target);

  const steps = [
    `cd ${folder}`,
    ...(isComplete ? [] : ["npm install"]),
    ...(values.key && values["provider-id"]
      ? []
      : ["fill in PROVIDER_ID and MARKETPLACE_KEY in .env (README.md says how)"]),
    "npm start",
  ];
  process.stdout.write(
    `Made ${target}\n\n${steps.map((step) => `  ${step}`).join("\n")}\n\nThen npm run sandbox opens it as a person would.\n`,
  );
}

function read() {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return stop(`${error.message}\n\n${USAGE}`);
  }
}

const environment = ({
  "provider-id": providerId = "",
  key = "",
  api,
  marketplace,
  port,
  meter = "",
}) => `# Keep this file to yourself.
PROVIDER_ID=${providerId}
MARKETPLACE_KEY=${key}
MARKETPLACE_API=${new URL(api ?? "http://localhost:3000").origin}
MARKETPLACE=${new URL(marketplace ?? "http://localhost:5173").origin}
PORT=${port}
APP_URL=http://localhost:${port}/
# One unit of this is reported for each piece of work; empty: time alone.
METER=${meter}
# Seals your visitors' cookie. Another one on each deployment, the same on all servers of one.
COOKIE_SECRET=${randomBytes(32).toString("base64url")}
# Signs what npm run listen forwards. With a real endpoint: the secret it was made with.
WEBHOOK_SECRET=whsec_${randomBytes(36).toString("base64")}
`;

/** In a checkout the SDK is taken as it was built: nothing to install. */
async function copySdk(target) {
  if (!existsSync(join(LOCAL_SDK, "package.json"))) return false;
  const dist = join(LOCAL_SDK, "dist");
  if (!existsSync(join(dist, "express.js")))
    stop("The SDK beside this folder is not built yet. Run npm run build in the checkout first.\n");
  const place = join(target, "node_modules", "@meterplace", "sdk");
  await mkdir(place, { recursive: true });
  await cp(join(LOCAL_SDK, "package.json"), join(place, "package.json"));
  await cp(dist, join(place, "dist"), { recursive: true, filter: (path) => !path.endsWith(".map") });
  return true;
}

function stop(why) {
  process.stderr.write(why);
  process.exit(1);
}

await main();
