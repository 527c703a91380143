/* SPDX-License-Identifier: BSD-3-Clause */
/** @file page.html, page.css and page.js; the build turns them into page_assets.c. */
#ifndef ECHO_PAGE_ASSETS_H
#define ECHO_PAGE_ASSETS_H

#include <tlsfp/types.h>

extern const tlsfp_span page_template; /**< With {{names}} that page.c fills. */
extern const tlsfp_span page_style;
extern const tlsfp_span page_script;

#endif
