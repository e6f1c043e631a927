"""Reads VERIS documents, one in each JSON file of a folder, as verispy does, and prints what it counts."""

import json
import sys
import warnings

warnings.filterwarnings("ignore")
from verispy import VERIS  # noqa: E402


def strings(*values):
    return {"type": "string", "enum": list(values)}


def lists(*values):
    return {"type": "array", "items": {"type": "string", "enum": list(values)}}


def fields(**properties):
    return {"type": "object", "properties": properties}


def rows(*values):
    return {"type": "array", "items": fields(variety=strings(*values), amount={"type": "integer"})}


# The shape of the schema as far as verispy asks for it: it fetches the whole one from where a test cannot.
schema = fields(
    action=fields(
        hacking=fields(
            variety=lists("Brute force", "Use of stolen creds", "DoS"),
            vector=lists("Command shell", "Web application"),
        ),
        misuse=fields(variety=lists("Privilege abuse")),
    ),
    actor=fields(
        external=fields(variety=lists("Unknown")),
        internal=fields(variety=lists("Unknown")),
        partner=fields(industry={"type": "string"}),
    ),
    asset=fields(assets=rows("S - Unknown", "S - Web application")),
    attribute=fields(
        confidentiality=fields(
            data=rows("Credentials"), data_disclosure=strings("No", "Potentially", "Yes", "Unknown")
        ),
        integrity=fields(variety=lists("Created account", "Log tampering", "Modify privileges")),
        availability=fields(variety=lists("Interruption")),
    ),
    impact=fields(loss=rows("Response and recovery", "Business disruption")),
    victim=fields(
        employee_count=strings("Unknown", "1 to 10", "11 to 100"),
        industry={"type": "string"},
        country=lists("Unknown", "DE"),
    ),
)
folder, place = sys.argv[1:]
with open(place, "w") as file:
    json.dump(schema, file)
frame = VERIS(json_dir=folder, verbose=False).json_to_df(schema_path=place, verbose=False)
print(json.dumps({name: int(frame[name].sum()) for name in frame.columns if frame[name].dtype == bool}))
