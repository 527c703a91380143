/* SPDX-License-Identifier: BSD-3-Clause */
/** @file page.html, page.css and page.js as they are; the build makes page_assets.c of them. */
#ifndef ECHO_PAGE_ASSETS_H
#define ECHO_PAGE_ASSETS_H

#include <tlsfp/types.h>

extern const tlsfp_span page_template; /**< With {{names}} that page.c fills. */
extern const tlsfp_span page_style;
extern const tlsfp_span page_script;

#endif
