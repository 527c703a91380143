// SPDX-License-Identifier: BSD-3-Clause
"use strict";
const announce = document.querySelector("[role=status]");
for (const place of document.querySelectorAll("[data-copy]")) {
    const code = place.querySelector("code");
    const name = place.dataset.copy;
    const button = document.createElement("button");
    const label = text => {
        button.textContent = text;
        button.setAttribute("aria-label", `${text} ${name}`);
    };
    const say = (text, message) => {
        label(text);
        announce.textContent = message;
    };
    const select = () => {
        getSelection().selectAllChildren(code);
        return document.execCommand("copy") ? Promise.resolve() : Promise.reject();
    };
    const copy = () => navigator.clipboard ? navigator.clipboard.writeText(code.textContent) : select();
    button.type = "button";
    label("Copy");
    button.addEventListener("click", async () => {
        try {
            await copy();
            say("Copied", `${name} copied`);
        } catch {
            say("Select it", `${name} could not be copied; select it`);
        }
        setTimeout(() => say("Copy", ""), 3000);
    });
    place.append(button);
}
