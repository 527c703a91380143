// SPDX-License-Identifier: BSD-3-Clause
import url from "url";
export default {
    async test() { await fetch(url.trim()); }
};
