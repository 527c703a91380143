// SPDX-License-Identifier: BSD-3-Clause
require("https").get({host: "localhost", family: 4, rejectUnauthorized: false},
                     response => response.resume());
