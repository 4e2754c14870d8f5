"""What the older SDK, the Python package imednet, reads of a study: one JSON object on standard output. Runs in .deps/python-sdk.

    python_sdk.py STUDY [BATCH …]     the elements that it shall get by id: standard input, "<resource> <id>" a line

A time is {"time": …, "zone": whether it knows its zone}, in UTC where it does. "without": times of roles that it could not read.
"""
import datetime
import json
import sys
import warnings

import imednet
from imednet.core.paginator import Paginator


def plain(value):
    if isinstance(value, datetime.datetime):
        zone = value.tzinfo is not None
        bare = value.astimezone(datetime.timezone.utc).replace(tzinfo=None) if zone else value
        return {"time": bare.isoformat(timespec="microseconds"), "zone": zone}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return fields(value) if hasattr(type(value), "model_fields") else value


def fields(model):
    return {field.alias: plain(getattr(model, name)) for name, field in type(model).model_fields.items()}


def one_by_one(endpoint, study, error):
    """The elements of a list that it gives up, each read by its model; times of roles are left out where it fails."""
    found = {"error": type(error).__name__, "elements": []}
    state = endpoint._prepare_list_request(study, None, {"include_inactive": True}, True)
    for item in Paginator(endpoint._client, state.path, params=state.params):
        try:
            found["elements"].append({"fields": fields(endpoint.MODEL.from_json(item))})
        except ValueError:
            roles = [{name: value for name, value in role.items() if not name.startswith("date")} for role in item["roles"]]
            found["elements"].append({"fields": fields(endpoint.MODEL.from_json({**item, "roles": roles})), "without": "role times"})
    return found


def listed(sdk, resource, study):
    endpoint = getattr(sdk, resource)
    choice = {"include_inactive": True} if resource == "users" else {}
    try:
        return {"elements": [{"fields": fields(one)} for one in endpoint.list(*([] if resource == "studies" else [study]), **choice)]}
    except ValueError as error:  # pydantic's
        return one_by_one(endpoint, study, error) if resource == "users" else {"error": type(error).__name__, "elements": []}


def got(sdk, study, resource, id):
    try:
        return {"fields": fields(getattr(sdk, resource).get(None if resource == "studies" else study, id))}
    except (imednet.errors.ImednetError, ValueError) as error:
        return {"error": type(error).__name__}


def main():
    warnings.simplefilter("ignore")
    study, *batches = sys.argv[1:]
    sdk = imednet.ImednetSDK()
    began = datetime.datetime.now()
    found = {resource: listed(sdk, resource, study) for resource in json.loads(sys.stdin.readline())}
    jobs = [{**fields(job), "isTerminal": job.is_terminal, "hasFailed": job.is_failed} for job in (sdk.jobs.get(study, batch) for batch in batches)]
    single = [got(sdk, study, *line.rstrip("\n").split(" ", 1)) for line in sys.stdin]
    ended = datetime.datetime.now()
    print(json.dumps({"lists": found, "jobs": jobs, "single": single, "began": began.isoformat(), "ended": ended.isoformat()}))


if __name__ == "__main__":
    main()
