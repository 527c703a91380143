# SPDX-License-Identifier: BSD-3-Clause
"""Debian's pycurl is built on the libcurl that is built on GnuTLS."""
import sys

import pycurl

curl = pycurl.Curl()
curl.setopt(pycurl.URL, sys.argv[1])
curl.setopt(pycurl.SSL_VERIFYPEER, 0)
curl.setopt(pycurl.SSL_VERIFYHOST, 0)
curl.perform()
