// SPDX-License-Identifier: BSD-3-Clause
// Libraries that pretend to be browsers: mimic.mjs LIBRARY PACKAGE prints the profiles that it has, and their names;
// mimic.mjs LIBRARY PACKAGE PROFILE URL asks for the page.
import {createRequire} from "node:module";
import {readFileSync, readdirSync} from "node:fs";
import {join} from "node:path";

const [library, folder, profile, url] = process.argv.slice(2);
const load = () => createRequire(join(folder, "package.json"))(folder);
const NAMES = {chrome: "Chrome", edge: "Edge", opera: "Opera", firefox: "Firefox", safari: "Safari", okhttp: "OkHttp",
               ios: "iOS", ipad: "iPad", android: "Android", ff: "Firefox"};

/** What a type of TypeScript lists, from its name to its end. */
function listed(file, type) {
    const text = readFileSync(join(folder, file), "utf8");
    const list = text.slice(text.search(type)).split(/[;}]/)[0];
    return [...list.matchAll(/['"]([a-z_.0-9]+)['"]/gi)].map(match => match[1]);
}

function presets() {
    return Object.keys(createRequire(join(folder, "package.json"))(join(folder, "dist/presets.js")).default);
}

const PROFILES = {
    "wreq": () => load().getProfiles(),
    "node-wreq": () => load().BROWSER_PROFILES ?? Object.values(load()).find(Array.isArray),
    "impit": () => listed("index.d.ts", /type Browser =|enum Browser/),
    "curl-impersonate": presets,
};

const ASK = {
    "wreq": () => load().fetch(url, {browser: profile, insecure: true}),
    "node-wreq": () => load().fetch(url, {browser: profile, tlsDanger: {certVerification: false, verifyHostname: false}}),
    "impit": () => new (load().Impit)({browser: profile, ignoreTlsErrors: true, vanillaFallback: false}).fetch(url),
    "curl-impersonate": async () => {
        const {default: presets} = createRequire(join(folder, "package.json"))(join(folder, "dist/presets.js"));
        const {execFileSync} = await import("node:child_process");
        const bin = join(folder, "bin");
        const names = readdirSync(bin).filter(name => name.endsWith("linux-x86"));
        const own = names.find(name => profile.includes(name.split("-")[2])) ?? names[0];
        const words = Object.entries(presets[profile].headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
        const flags = presets[profile].flags.flatMap(flag => flag.split(/ (?=[^ ]*$)/)).map(word => word.replaceAll('"', ""));
        const text = execFileSync(join(bin, own), ["-sk", ...flags, ...words, url]);
        return {text: () => text.toString()};
    },
};

/** "safari_ios_17.4.1", "chrome110" or "firefox-109": "Safari iOS 17.4.1", "Chrome 110", "Firefox 109". */
function spoken(name) {
    return name.replace(/(?<=[0-9])_(?=[0-9])/g, ".").replace(/([a-z])(?=[0-9])/g, "$1 ").split(/[-_ ]/).map(word => NAMES[word.toLowerCase()] ?? word).join(" ");
}

if (profile === undefined) {
    const profiles = [...new Set(PROFILES[library]())];
    const versioned = profiles.filter(name => /[0-9]/.test(name)); // the others are the newest of these, where there are any
    console.log((versioned.length > 0 ? versioned : profiles).map(name => `${name}\t${spoken(name)}`).join("\n"));
} else {
    const response = await ASK[library]();
    console.log(await response.text());
    process.exit(0);
}
