# SPDX-License-Identifier: BSD-3-Clause
import ssl
import sys
import urllib.request

context = ssl._create_unverified_context()
print(urllib.request.urlopen(sys.argv[1], context=context).read().decode())
