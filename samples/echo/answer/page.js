// SPDX-License-Identifier: BSD-3-Clause
"use strict";
for (const place of document.querySelectorAll("[data-copy]")) {
    const code = place.querySelector("code");
    const button = document.createElement("button");
    const label = text => { button.textContent = text; };
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
            label("Copied");
        } catch {
            label("Select it");
        }
        setTimeout(label, 1500, "Copy");
    });
    place.append(button);
}
