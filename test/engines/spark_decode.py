"""Answers lines of JSON by what scripts/spark/decode.py makes of a record, for SparkDecode.test.ts.

[BASE64 or null, POSITION, APPENDED_AT]  →  the columns of the event, "refused" or "archived"
"""

import base64
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts/spark"))
from decode import decode  # noqa: E402

for line in sys.stdin:
    value, position, appended_at = json.loads(line)
    decoded = decode(None if value is None else base64.b64decode(value), position, float(appended_at))
    print(json.dumps(decoded), flush=True)
