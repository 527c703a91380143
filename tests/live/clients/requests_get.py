# SPDX-License-Identifier: BSD-3-Clause
import sys

import requests

print(requests.get(sys.argv[1], verify=False).text)
