"""Holds OCSF events, one a line, against the schema that each names, and findings against the models of py-ocsf-models."""

import json
import sys

import jsonschema
from ocsf_json_schema.embedded import OcsfJsonSchemaEmbedded
from ocsf_json_schema.loader import get_ocsf_schema
from py_ocsf_models.events.findings.detection_finding import DetectionFinding

raw = get_ocsf_schema("1.5.0")
schemas = OcsfJsonSchemaEmbedded(raw)
validators = {}


def beside(kind, name, value, path):
    """What JSON Schema cannot say: of some fields there must be one, and captions belong to their numbers."""
    about = raw[kind][name]
    constraints = about.get("constraints") or {}
    some = constraints.get("at_least_one", [])
    if some and not any(field in value for field in some):
        yield f"{path} has none of {some}"
    for field, inner in value.items():
        attribute = about["attributes"].get(field)
        if attribute is None:
            if name != "object":
                yield f"{path}.{field} is no field"
            continue
        caption = attribute.get("enum", {}).get(str(inner), {}).get("caption")
        sibling = attribute.get("sibling")
        if caption and sibling in value and caption != "Other" and value[sibling] != caption:
            yield f"{path}.{sibling} is {value[sibling]}, not {caption}"
        if attribute.get("object_type") not in (None, "object"):
            for one in inner if isinstance(inner, list) else [inner]:
                yield from beside("objects", attribute["object_type"], one, f"{path}.{field}")


wrong, counts = [], {}
for line in open(sys.argv[1]):
    event = json.loads(line)
    if event["metadata"]["version"] != "1.5.0":
        wrong.append("it is of another version")
    name = schemas.lookup_class_name_from_uid(event["class_uid"])
    counts[name] = counts.get(name, 0) + 1
    if name not in validators:
        validators[name] = jsonschema.Draft202012Validator(schemas.get_class_schema(name))
    wrong += [f"{name} {error.json_path} {error.message[:300]}" for error in validators[name].iter_errors(event)]
    wrong += [f"{name} {error}" for error in beside("classes", name, event, "$")]
    if name == "detection_finding":
        DetectionFinding(**event)
print(json.dumps(counts))
print("\n".join(wrong[:10]), file=sys.stderr)
sys.exit(1 if wrong else 0)
