"""Values of tables as JSON, as the tests compare them."""

import datetime
import math

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def plain(value):
    """A value as JSON: days, decimal text for 64-bit integers, NaN and infinities by name."""
    if isinstance(value, datetime.datetime):
        micros = (value - EPOCH) // datetime.timedelta(microseconds=1)
        return {"long": str(micros)}
    if isinstance(value, datetime.date):
        return (value - EPOCH.date()).days
    if isinstance(value, float) and (math.isnan(value) or math.isinf(value)):
        return {"float": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
    if isinstance(value, list):
        return [plain(element) for element in value]
    return value
