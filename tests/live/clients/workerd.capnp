# SPDX-License-Identifier: BSD-3-Clause
# A worker whose test asks for the page that the file url.txt names. Trusts nobody: its hello is enough.
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true))),
]);
const worker :Workerd.Worker = (
    modules = [(name = "worker.js", esModule = embed "workerd.js"), (name = "url", text = embed "url.txt")],
    compatibilityDate = "2023-02-28",
);
