# SPDX-License-Identifier: BSD-3-Clause
import pycurl
curl = pycurl.Curl()
curl.setopt(pycurl.URL, "https://localhost/")
curl.setopt(pycurl.SSL_VERIFYPEER, 0)
curl.setopt(pycurl.SSL_VERIFYHOST, 0)
curl.perform()
