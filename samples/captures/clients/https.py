# SPDX-License-Identifier: BSD-3-Clause
import ssl, urllib.request
context = ssl._create_unverified_context()
print(urllib.request.urlopen("https://localhost:8443/", context=context).status)
