# SPDX-License-Identifier: BSD-3-Clause
"""httpx_get.py URL [h2]"""
import sys

import httpx

print(httpx.Client(verify=False, http2="h2" in sys.argv).get(sys.argv[1]).text)
